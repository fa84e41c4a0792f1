#include "rules/response_text.hpp"

#include <algorithm>

namespace gatehouse::filters {

namespace {

constexpr std::size_t text_kept = 64 * 1024;  // capacity that is kept for the next response

}  // namespace

void ResponseText::start(std::uint64_t limit) {
  text_.clear();
  if (text_.capacity() > text_kept) text_ = {};
  decoder_.reset();
  codings_ = {};
  limit_ = limit;
  received_ = 0;
  over_ = false;
}

void ResponseText::feed(std::string_view piece) {
  const std::uint64_t room = limit_ - std::min(limit_, received_);
  over_ |= piece.size() > room;
  piece = piece.substr(0, room);
  received_ += piece.size();
  if (codings_.none()) return decoded(piece);
  if (decoder_ == nullptr) decoder_ = std::make_unique<ContentDecoder>(codings_, DecodeLimits{limit_, ratio_max_});
  over_ |= decoder_->feed(piece, *this) == DecodeState::limited;
}

}  // namespace gatehouse::filters
