// BodyReader: a message's content off a wire, out of its framing (RFC 9112 6): pieces as views of a pooled buffer, held
// only while there are bytes in it. A body of any size passes in constant memory, and nothing is read before it is
// asked for, which is the backpressure. Used for requests of clients and responses of origins. One message at a time.
#pragma once

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/chunked.hpp"
#include "gateway/http1/names.hpp"

namespace gatehouse::http1 {

class BodyReader {
 public:
  /// Begins a message's content. `held` are bytes already read after the head; they stay valid and may be changed.
  /// Content beyond `bytes_max` (0: no limit) is refused.
  void begin(Wire& wire, http::Body body, std::span<char> held, std::uint64_t bytes_max);

  /// What is there already; never waits.
  Try<exchange::Piece> at_hand();
  /// The next piece, waiting up to `limit` for each read. Not after the last one.
  Task<Try<exchange::Piece>> read(milliseconds limit);

  bool done() const noexcept { return done_; }
  /// Counted content that has not arrived yet.
  std::uint64_t left() const noexcept { return left_; }
  http::BodyKind kind() const noexcept { return body_.kind; }
  /// Content handed out so far.
  std::uint64_t received() const noexcept { return received_; }
  /// Accounts for counted content that went past this object. Only when nothing is held.
  void passed(std::uint64_t n) noexcept;
  bool holds_nothing() const noexcept { return held_.empty(); }

  /// Once done: bytes read beyond the content. They stay valid until release().
  std::span<char> surplus() const noexcept { return held_; }
  /// The trailer section, when the content was chunked and had one.
  const http::FieldList* trailers() const noexcept;
  /// Gives the buffer back.
  void release() noexcept;

 private:
  Task<Try<bool>> fill(milliseconds limit);
  Try<exchange::Piece> cut();
  Try<exchange::Piece> cut_chunked();
  void step_ahead();
  Fault ended_early() const noexcept;

  Wire* wire_{nullptr};
  http::Body body_;
  std::span<char> held_;
  std::uint64_t left_{0};
  std::uint64_t received_{0};
  std::uint64_t bytes_max_{0};
  bool done_{true};
  runtime::Buffer buffer_;
  ChunkedDecoder::Step ahead_;  // read from the framing, not handed out yet
  ChunkedDecoder chunked_;      // large, so behind what every message uses
};

}  // namespace gatehouse::http1
