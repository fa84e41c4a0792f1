#include "gateway/http1/server_exchange.hpp"

#include "gateway/http1/server_session.hpp"
#include "gateway/http1/server.hpp"
#include "gateway/http1/write_head.hpp"

namespace gatehouse::http1 {

using exchange::Decision;
using exchange::Piece;
using http::BodyKind;

void ServerExchange::begin(ServerSession& session, std::uint64_t now_ns) {
  session_ = &session;
  connection = &session.connection_;
  limits = nullptr;
  account = {};
  trail.begin(now_ns);
  scratch.clear();
  request.fields.clear();
  request.body = {};
  request.method = http::Method::other;
  request.method_text = request.target = request.path = request.query = request.authority = {};
  request.version_minor = 1;
  request.keep_alive = request.expects_continue = false;
  reader_.begin(session.wire_, {}, {}, 0);
  reply_started_ = aborted_ = keep_alive_ = continue_owed_ = false;
}

void ServerExchange::head_complete(std::size_t head_size, std::span<char> held, std::uint64_t body_max) {
  account.bytes_in = head_size;
  reader_.begin(session_->wire_, request.body, held, body_max);
  // A client that has begun to send its content does not wait any more.
  continue_owed_ = request.expects_continue && held.empty() && !reader_.done();
}

void ServerExchange::end() noexcept {
  reader_.release();
  scratch.clear();
}

Try<Piece> ServerExchange::body_at_hand() {
  auto piece = reader_.at_hand();
  if (piece) account.bytes_in += piece->bytes.size();
  return piece;
}

Task<Try<Piece>> ServerExchange::read_body() {
  if (continue_owed_) {
    const Try<void> invited = co_await invite_body();
    if (!invited) co_return Failure{invited.error()};
  }
  auto piece = co_await reader_.read(limits->idle_timeout);
  if (piece) account.bytes_in += piece->bytes.size();
  co_return piece;
}

Task<Try<void>> ServerExchange::invite_body() {
  if (!std::exchange(continue_owed_, false)) co_return Try<void>{};
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  iovec piece{const_cast<char*>(text.data()), text.size()};
  account.bytes_out += text.size();
  co_return co_await session_->wire_.write({&piece, 1}, limits->idle_timeout);
}

Task<Try<void>> ServerExchange::send_interim(const http::Response& head) {
  if (request.version_minor == 0) co_return Try<void>{};  // RFC 9110 15.2: a 1.0 client does not know them
  if (head.status == 100) continue_owed_ = false;
  runtime::Buffer out = worker.buffers().take_brief();
  std::size_t size = write_response_head(out.all(), head);
  if (size == 0) {
    out = worker.buffers().take_large();
    size = write_response_head(out.all(), head);
  }
  GH_ASSERT(size != 0);
  iovec piece{out.data(), size};
  account.bytes_out += size;
  note(Decision::interim_relayed, head.status);
  co_return co_await session_->wire_.write({&piece, 1}, limits->idle_timeout);
}

Task<Try<void>> ServerExchange::send_head(http::Response& head, Piece first) {
  choose_framing(head);
  runtime::Buffer out = worker.buffers().take_brief();
  std::size_t size = write_response_head(out.all(), head);
  if (size == 0) {
    out = worker.buffers().take_large();
    size = write_response_head(out.all(), head);
  }
  if (size == 0) return Task<Try<void>>::now(Failure{exchange::fault_of(Errc::origin_head_too_large)});
  reply_started_ = true;
  account.status = head.status;
  account.bytes_out += size + first.bytes.size();
  trail.note(trail.last_ns(), Decision::reply_started, head.status);
  return writer_.send_head(std::move(out), size, first, limits->idle_timeout);
}

Task<Try<void>> ServerExchange::send_body(Piece piece, const http::FieldList* trailers) {
  account.bytes_out += piece.bytes.size();
  return writer_.send(piece, trailers, limits->idle_timeout);
}

Wire* ServerExchange::splice_target() noexcept {
  if (writer_.kind() != BodyKind::counted || session_->wire_.stream().splice_fd() < 0) return nullptr;
  return &session_->wire_;
}

void ServerExchange::spliced(std::uint64_t n) noexcept {
  writer_.passed(n);
  account.bytes_out += n;
}

void ServerExchange::stop_body() noexcept { session_->wire_.stop_reading(); }

void ServerExchange::watch_client(void (*told)(void*) noexcept, void* context) noexcept {
  session_->wire_.stream().port().gone = {told, context};
}

/// RFC 9112 6.1, 9.3: chunked content needs HTTP/1.1 at the other end; without it the close of the connection ends it.
void ServerExchange::choose_framing(http::Response& head) noexcept {
  keep_alive_ = may_keep_alive();
  const bool no_content = request.method == http::Method::head || head.status == 204 || head.status == 304;
  if (!no_content && (head.body.kind == BodyKind::chunked || head.body.kind == BodyKind::until_close)) {
    head.body.kind = request.version_minor == 0 ? BodyKind::until_close : BodyKind::chunked;
    if (head.body.kind == BodyKind::until_close) keep_alive_ = false;
  }
  if (!keep_alive_) {
    head.fields.add("connection", "close");
  } else if (request.version_minor == 0) {
    head.fields.add("connection", "keep-alive");
  }
  http::Body framing = head.body;
  if (no_content) framing = {};
  writer_.begin(session_->wire_, framing);
}

/// Whether another request may follow on this connection. Content that is still owed may be worth reading when little
/// is left; a client that waits for 100 will not send it, so nothing tells where its next request begins.
bool ServerExchange::may_keep_alive() const noexcept {
  const Server& server = session_->server_;
  if (!request.keep_alive || aborted_ || session_->connection_.exchanges >= limits->requests_per_connection) return false;
  if (server.closing(session_->connection_)) return false;
  const auto age_ns = trail.last_ns() - session_->connection_.accepted_ns;
  if (milliseconds(age_ns / 1'000'000) >= limits->client_keep_alive) return false;
  if (reader_.done()) return true;
  return !continue_owed_ && request.body.kind == BodyKind::counted && reader_.left() <= 64 * 1024;
}

}  // namespace gatehouse::http1
