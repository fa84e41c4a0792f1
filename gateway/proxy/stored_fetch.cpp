#include "gateway/proxy/stored_fetch.hpp"

#include "gateway/proxy/make_stored.hpp"

namespace gatehouse::proxy {

using exchange::Piece;

const http::FieldList* StoredFetch::response_trailers() const noexcept {
  if (trailers_) return trailers_.get();
  const std::string_view lines = reader_->reads_to_the_end() ? reader_->body().trailers() : std::string_view();
  if (lines.empty()) return nullptr;
  trailers_ = std::make_unique<http::FieldList>();
  read_trailer_lines(lines, *trailers_);
  return trailers_.get();
}

/// A section's piece as one of the whole: only the last section's last piece ends it.
Piece GatheredFetch::step(Piece piece) noexcept {
  if (piece.last) ++at_;
  piece.last = at_ == sections_.size();
  return piece;
}

/// What there is at the moment. Nothing: the section under way has to be waited for.
std::optional<Try<Piece>> GatheredFetch::now() {
  if (stopped_) return Try<Piece>(Failure{exchange::fault_of(exchange::Errc::none)});
  // A reader at its end still keeps the content it has left behind; the piece it gave last is done with by now.
  if (at_ != 0) sections_[at_ - 1].reader.reset();
  while (at_ < sections_.size()) {
    const Section& section = sections_[at_];
    Piece piece{section.text, true};
    if (section.reader) {
      const auto read = section.reader->at_hand();
      if (!read || !*read) return read;
      piece = **read;
    }
    piece = step(piece);
    if (piece.last || !piece.bytes.empty()) return Try<Piece>(piece);
  }
  return Try<Piece>(Piece{{}, true});
}

Try<Piece> GatheredFetch::body_at_hand() { return now().value_or(Piece{}); }

Task<Try<Piece>> GatheredFetch::read_body() {
  if (auto piece = now()) return Task<Try<Piece>>::now(std::move(*piece));
  return wait();
}

Task<Try<Piece>> GatheredFetch::wait() {
  for (;;) {
    const Try<Piece> read = co_await sections_[at_].reader->next();
    if (!read) co_return read;
    const Piece piece = step(*read);
    if (piece.last || !piece.bytes.empty()) co_return piece;
    if (auto next = now()) co_return std::move(*next);
  }
}

void GatheredFetch::stop_reading() noexcept {
  stopped_ = true;
  if (at_ < sections_.size() && sections_[at_].reader) sections_[at_].reader->stop();
}

}  // namespace gatehouse::proxy
