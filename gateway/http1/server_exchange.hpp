// ServerExchange: an Exchange of an HTTP/1 connection. It gives the request's content out of its framing and puts the
// reply in the framing that suits the client: chunked content becomes content until close for HTTP/1.0, and the
// connection's persistence is decided when the head goes out (RFC 9112 9.3). Kept by the Server and used again; one
// thread.
#pragma once

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/body_reader.hpp"
#include "gateway/http1/body_writer.hpp"

namespace gatehouse::http1 {

class ServerSession;

class ServerExchange final : public exchange::Exchange {
 public:
  explicit ServerExchange(runtime::Worker& worker) noexcept : Exchange(worker) {}

  /// Makes the exchange as new for a request of this session that begins at `now_ns`.
  void begin(ServerSession& session, std::uint64_t now_ns);
  /// The head is complete; `held` are the bytes after it.
  void head_complete(std::size_t head_size, std::span<char> held, std::uint64_t body_max);
  /// Gives back what an idle connection must not hold.
  void end() noexcept;

  Try<exchange::Piece> body_at_hand() override;
  Task<Try<void>> invite_body() override;
  Task<Try<exchange::Piece>> read_body() override;
  const http::FieldList* request_trailers() const noexcept override { return reader_.trailers(); }
  bool body_complete() const noexcept override { return reader_.done(); }

  Task<Try<void>> send_interim(const http::Response& head) override;
  Task<Try<void>> send_head(http::Response& head, exchange::Piece first) override;
  Task<Try<void>> send_body(exchange::Piece piece, const http::FieldList* trailers) override;
  Wire* splice_target() noexcept override;
  void spliced(std::uint64_t n) noexcept override;
  bool reply_started() const noexcept override { return reply_started_; }
  void abort() noexcept override { aborted_ = true; }
  void stop_body() noexcept override;
  void watch_client(void (*told)(void*) noexcept, void* context) noexcept override;

  BodyReader& reader() noexcept { return reader_; }
  bool reply_complete() const noexcept { return reply_started_ && !aborted_ && writer_.done(); }
  /// Whether only the connection's end tells where the reply's content ends.
  bool ends_by_close() const noexcept { return writer_.kind() == http::BodyKind::until_close; }
  bool keep_alive() const noexcept { return keep_alive_; }
  bool continue_owed() const noexcept { return continue_owed_; }

 private:
  void choose_framing(http::Response& head) noexcept;
  bool may_keep_alive() const noexcept;

  ServerSession* session_{nullptr};
  BodyReader reader_;
  BodyWriter writer_;
  bool reply_started_{false};
  bool aborted_{false};
  bool keep_alive_{false};
  bool continue_owed_{false};  // the client waits for 100 (RFC 9110 10.1.1)
};

}  // namespace gatehouse::http1
