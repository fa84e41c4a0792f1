// BodyWriter: puts a message's head and content on a wire in the framing chosen for it: counted, chunked or until the
// connection closes (RFC 9112 6). The head and the first content go out in one send, which is worth 1.7 us a request.
// Used for requests to origins and replies to clients alike. One message at a time; one thread.
#pragma once

#include <array>

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/names.hpp"

namespace gatehouse::http1 {

class BodyWriter {
 public:
  /// Begins a message: `kind` and `length` are the framing on this side.
  void begin(Wire& wire, http::Body body) noexcept;

  /// Sends the head, which stands at the start of `out`, and the first piece.
  Task<Try<void>> send_head(runtime::Buffer out, std::size_t head_size, exchange::Piece first, milliseconds limit);
  /// Sends one piece; with the last one a chunked message's trailers, if there are any.
  Task<Try<void>> send(exchange::Piece piece, const http::FieldList* trailers, milliseconds limit);
  /// Accounts for counted content that went past this object.
  void passed(std::uint64_t n) noexcept;

  /// Whether the message is complete.
  bool done() const noexcept { return done_; }
  /// Counted content still to be sent.
  std::uint64_t left() const noexcept { return left_; }
  http::BodyKind kind() const noexcept { return body_.kind; }
  /// Bytes of content given to send so far.
  std::uint64_t sent() const noexcept { return sent_; }

 private:
  static constexpr std::size_t pieces_max = 4;
  /// Fills `iov` with the piece in its framing and returns how many there are.
  std::size_t frame(exchange::Piece piece, const http::FieldList* trailers, std::span<iovec, pieces_max> iov);
  /// Writes the first `count` of iov_, then gives the rooms back.
  Task<Try<void>> write(std::size_t count, milliseconds limit);
  Task<Try<void>> finish(Task<Try<void>> writing);
  std::string_view write_trailers(const http::FieldList& trailers);

  Wire* wire_{nullptr};
  http::Body body_;
  std::uint64_t left_{0};
  std::uint64_t sent_{0};
  bool done_{true};
  std::array<char, 20> chunk_line_;  // up to 16 hex digits and CRLF
  std::array<iovec, pieces_max + 1> iov_;  // what is being written
  runtime::Buffer head_room_;
  runtime::Buffer trailer_room_;
};

}  // namespace gatehouse::http1
