// ClientFetch: one request to an origin over an HTTP/1.1 connection, and its response. The connection (a Wire) belongs
// to a pool and outlives the fetch; what a fetch needs beside it (field arrays, buffers) is held only while it is under
// way. Requests are never pipelined to an origin. Kept for reuse; one thread.
#pragma once

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/body_reader.hpp"
#include "gateway/http1/body_writer.hpp"

namespace gatehouse::http1 {

class ResponseScanner;

class ClientFetch final : public exchange::Fetch {
 public:
  /// Makes the fetch as new, on this connection.
  void begin(Wire& wire, const config::Limits& limits) noexcept;
  /// Gives back what is only needed while a fetch is under way.
  void end() noexcept;
  /// Whether the connection can carry another request: both messages complete, nothing left over, no close announced.
  bool reusable() noexcept;

  Task<Try<void>> send_head(const http::Request& request, std::string_view host, exchange::Piece first) override;
  Task<Try<void>> send_body(exchange::Piece piece, const http::FieldList* trailers) override;
  Task<Try<http::Response*>> read_head(http::Method method, milliseconds limit) override;
  bool head_begun() const noexcept override { return begin_ < end_; }
  Try<exchange::Piece> body_at_hand() override;
  Task<Try<exchange::Piece>> read_body() override;
  const http::FieldList* response_trailers() const noexcept override { return reader_.trailers(); }
  Wire* splice_source(std::uint64_t& n) noexcept override;
  void spliced(std::uint64_t n) noexcept override { reader_.passed(n); }
  void stop_sending() noexcept override { wire_->stop_writing(); }
  void stop_reading() noexcept override;

  /// Bytes of the request's head.
  std::size_t head_sent() const noexcept { return head_sent_; }

 private:
  Try<http::Response*> scan_head(ResponseScanner& scanner, http::Method method);
  Try<bool> fill();
  bool make_room();

  Wire* wire_{nullptr};
  const config::Limits* limits_{nullptr};
  http::Response response_;
  BodyReader reader_;
  BodyWriter writer_;
  runtime::Buffer in_;
  std::size_t begin_{0};  // of the head under way
  std::size_t end_{0};    // of what was read
  std::size_t head_sent_{0};
  bool head_read_{false};  // the final one
  bool stopped_{false};    // stop_reading() came while nobody waited for a head
};

}  // namespace gatehouse::http1
