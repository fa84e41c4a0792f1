// ResponseText: a response's content as the rules see it: decoded, and no more of it than the limit. What cannot be decoded
// ends what they see; the client will not be able to read more of it either. One owner, one thread; reused.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "body/content_decoder.hpp"
#include "rules/settings.hpp"

namespace gatehouse::filters {

class ResponseText final : private DecodedSink {
 public:
  void start(std::uint64_t limit);
  void limit(std::uint64_t bytes) noexcept { limit_ = bytes; }
  /// The content is in these codings, which are known. Before the first piece.
  void decode(const Codings& codings, const Decompression& how) noexcept { codings_ = codings, ratio_max_ = how.ratio_max; }
  void feed(std::string_view piece);

  std::string_view text() const noexcept { return text_; }
  std::uint64_t bytes_by_decoding() const noexcept { return text_.size() - std::min<std::uint64_t>(text_.size(), received_); }
  /// There was more than the limit allows.
  bool over() const noexcept { return over_; }
  bool full() const noexcept { return over_ || received_ >= limit_; }

 private:
  void decoded(std::string_view bytes) override { text_ += bytes; }

  std::string text_;
  Codings codings_;
  std::uint32_t ratio_max_{0};
  std::unique_ptr<ContentDecoder> decoder_;
  std::uint64_t limit_{0}, received_{0};
  bool over_{false};
};

}  // namespace gatehouse::filters
