#include "gateway/http1/server_session.hpp"

#include <cstring>

#include "gateway/http1/server.hpp"

namespace gatehouse::http1 {
namespace {

// After a reply that leaves the client's content unread, this much of it is read and thrown away before the connection
// is closed: a close with bytes unread makes the kernel send RST, which can destroy the reply on its way
// (RFC 9112 9.6).
constexpr std::size_t linger_bytes_max = 256 * 1024;
constexpr milliseconds linger_time{2000};
// Content that a reply did not wait for is worth reading up to this size, to keep the connection.
constexpr std::uint64_t drain_max = 64 * 1024;

}  // namespace

ServerSession::ServerSession(Server& server, std::unique_ptr<net::Stream> stream, const exchange::Connection& connection)
    : server_(server), connection_(connection), wire_(server.worker_, std::move(stream), Side::client) {
  server_.enter(*this);
}

ServerSession::~ServerSession() { server_.leave(*this); }

/// Between two exchanges it waits without a buffer until the client sends something.
Task<> ServerSession::run() {
  Next next = Next::keep;
  while (next == Next::keep) {
    const Arrival arrival = begin_ < end_ ? Arrival::request : look();  // there already: pipelined
    if (arrival == Arrival::end) co_return;
    if (arrival == Arrival::request) {
      next = co_await one_exchange();
      continue;
    }
    const config::Limits& limits = server_.handler_.limits();
    server_.set_idle(*this, true);
    const Try<void> waited =
        co_await wire_.wait_readable(connection_.exchanges == 0 ? limits.request_head_timeout : limits.keep_alive_timeout);
    server_.set_idle(*this, false);
    if (!waited) co_return;
  }
  if (next == Next::linger) co_await linger();
}

/// Reads what there is of the next request.
ServerSession::Arrival ServerSession::look() noexcept {
  net::Io io = net::Io::blocked();
  if (!wire_.stream().drained()) {
    in_ = server_.worker_.buffers().take_small();
    begin_ = end_ = 0;
    io = wire_.stream().read(in_.all());
    if (io.ok()) {
      end_ = io.size();
      return Arrival::request;
    }
    in_.release();
  }
  return io.would_block() && !server_.handler_.closing(connection_) ? Arrival::nothing : Arrival::end;
}

Task<ServerSession::Next> ServerSession::one_exchange() {
  auto exchange = server_.exchanges_.take(server_.worker_);
  ++connection_.exchanges;
  exchange->begin(*this, server_.worker_.clock().steady_ns());
  auto reading = read_head(*exchange);
  const bool at_once = reading.await_ready();
  const Try<std::size_t> head = co_await reading;
  const std::uint64_t body_max = server_.handler_.limits().request_body;
  // After a refusal nobody knows where the next request would begin, so none is read: that is how smuggling works.
  if (!head) exchange->request.keep_alive = false;
  if (head) {
    const std::span<char> held(in_.data() + begin_ + *head, end_ - begin_ - *head);
    exchange->head_complete(*head, held, body_max);
    exchange->trail.note(at_once ? exchange->trail.began_ns() : server_.worker_.clock().steady_ns(), exchange::Decision::head_read, *head);
    if (body_max != 0 && exchange->request.body.length > body_max) {
      exchange->request.keep_alive = false;
      co_await server_.handler_.refuse(*exchange, exchange::fault_of(Errc::body_too_large));
    } else {
      co_await server_.handler_.serve(*exchange);
    }
  } else if (head.error().what == Errc::client_reset) {
    co_return Next::close;
  } else {
    co_await server_.handler_.refuse(*exchange, head.error());
  }
  const Next next = co_await settle(*exchange);
  exchange->end();
  co_return next;
}

/// The size of a head that has arrived whole, or the task that reads the rest of it.
Task<Try<std::size_t>> ServerSession::read_head(ServerExchange& exchange) {
  RequestScanner scanner;
  const Scan scan = scan_head(scanner, exchange);
  if (scan.complete()) return Task<Try<std::size_t>>::now(scan.head_size);
  if (scan.refused()) return Task<Try<std::size_t>>::now(Failure{exchange::fault_of(scan.errc)});
  return read_rest(scanner, exchange);
}

Scan ServerSession::scan_head(RequestScanner& scanner, ServerExchange& exchange) noexcept {
  return scanner.scan({in_.data() + begin_, end_ - begin_}, ScanLimits(server_.handler_.limits()), exchange.request);
}

/// Reads until the head is complete; its size. The scanner goes on where it stopped, so a dripped head costs linear time.
Task<Try<std::size_t>> ServerSession::read_rest(RequestScanner scanner, ServerExchange& exchange) {
  wire_.limit_all(server_.handler_.limits().request_head_timeout);
  const Try<std::size_t> head = co_await drip(scanner, exchange);
  wire_.settle();
  co_return head;
}

Task<Try<std::size_t>> ServerSession::drip(RequestScanner& scanner, ServerExchange& exchange) {
  for (;;) {
    if (!make_room()) co_return Failure{exchange::fault_of(Errc::head_too_large)};
    const Try<std::size_t> n = co_await wire_.read({in_.data() + end_, in_.size() - end_}, milliseconds(0));
    if (!n) {
      const bool late = n.error().what == Errc::client_idle;
      co_return Failure{late ? exchange::fault_of(Errc::head_timeout) : n.error()};
    }
    if (*n == 0) co_return Failure{exchange::fault_of(Errc::client_closed)};
    end_ += *n;
    const Scan scan = scan_head(scanner, exchange);
    if (scan.complete()) co_return scan.head_size;
    if (scan.refused()) co_return Failure{exchange::fault_of(scan.errc)};
  }
}

/// Makes sure that there is space behind what was read: moves the head to the front, then takes a larger buffer.
bool ServerSession::make_room() {
  if (end_ < in_.size()) return true;
  const std::size_t held = end_ - begin_;
  if (begin_ != 0) {
    std::memmove(in_.data(), in_.data() + begin_, held);
  } else if (in_.size() == runtime::BufferPool::small) {
    runtime::Buffer larger = server_.worker_.buffers().take_large();
    std::memcpy(larger.data(), in_.data(), held);
    in_ = std::move(larger);
  } else {
    return false;
  }
  begin_ = 0;
  end_ = held;
  return true;
}

/// Decides what becomes of the connection, and brings it to the start of the next request where it goes on.
Task<ServerSession::Next> ServerSession::settle(ServerExchange& exchange) {
  if (!exchange.reply_complete()) {
    // RFC 9112 8: without any framing a client could take a cut reply for a whole one.
    if (exchange.reply_started() && exchange.ends_by_close()) wire_.stream().reset_on_close();
    return Task<Next>::now(Next::close);
  }
  if (!exchange.keep_alive()) return Task<Next>::now(Next::linger);
  if (!exchange.reader().done()) return skip_content(exchange);
  carry_over(exchange.reader().surplus());
  return Task<Next>::now(Next::keep);
}

/// Reads content that nobody wanted, to find the next request behind it.
Task<ServerSession::Next> ServerSession::skip_content(ServerExchange& exchange) {
  BodyReader& reader = exchange.reader();
  std::uint64_t drained = 0;
  while (!reader.done()) {
    const Try<exchange::Piece> piece = co_await reader.read(linger_time);
    if (!piece) co_return Next::close;
    drained += piece->bytes.size();
    if (drained > drain_max) co_return Next::linger;
  }
  carry_over(reader.surplus());
  co_return Next::keep;
}

/// Keeps what was read beyond the request: the beginning of the next one.
void ServerSession::carry_over(std::span<char> surplus) {
  if (surplus.empty()) {
    begin_ = end_ = 0;
    in_.release();
    return;
  }
  if (surplus.data() >= in_.data() && surplus.data() < in_.data() + in_.size()) {
    begin_ = static_cast<std::size_t>(surplus.data() - in_.data());
    end_ = begin_ + surplus.size();
    return;
  }
  // It stands in the reader's buffer, which may be the larger one.
  runtime::BufferPool& pool = server_.worker_.buffers();
  if (surplus.size() > in_.size()) in_ = pool.take_large();
  std::memcpy(in_.data(), surplus.data(), surplus.size());
  begin_ = 0;
  end_ = surplus.size();
}

/// Closes so that the client can still read the reply: our end first, then what it sends is thrown away for a while.
Task<> ServerSession::linger() {
  wire_.stream().finish_writing();
  if (!in_) in_ = server_.worker_.buffers().take_small();
  wire_.limit_all(linger_time);
  std::size_t thrown_away = 0;
  while (thrown_away < linger_bytes_max) {
    const Try<std::size_t> n = co_await wire_.read(in_.all(), linger_time);
    if (!n || *n == 0) break;
    thrown_away += *n;
  }
  wire_.settle();
}

}  // namespace gatehouse::http1
