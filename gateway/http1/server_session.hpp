// ServerSession: one client connection speaking HTTP/1 (RFC 9112). Reads heads strictly, hands each request to the
// Handler as an Exchange, keeps the connection for the next one where both sides may. One coroutine runs it from accept
// to close; while idle it owns neither buffer nor exchange. Owned by its own task; one thread.
#pragma once

#include <memory>

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/request_scanner.hpp"
#include "gateway/http1/names.hpp"

namespace gatehouse::http1 {

class Server;
class ServerExchange;

class ServerSession {
 public:
  ServerSession(Server& server, std::unique_ptr<net::Stream> stream, const exchange::Connection& connection);
  ~ServerSession();

  /// Serves the connection until it ends.
  Task<> run();
  /// Wakes a session that waits between two exchanges, so that it closes.
  void close_idle() noexcept { wire_.stop_reading(); }

 private:
  friend class Server;
  friend class ServerExchange;
  enum class Next : std::uint8_t { keep, linger, close };

  enum class Arrival : std::uint8_t { nothing, request, end };

  Arrival look() noexcept;
  Task<Next> one_exchange();
  Task<Try<std::size_t>> read_head(ServerExchange& exchange);
  Scan scan_head(RequestScanner& scanner, ServerExchange& exchange) noexcept;
  Task<Try<std::size_t>> read_rest(RequestScanner scanner, ServerExchange& exchange);
  Task<Try<std::size_t>> drip(RequestScanner& scanner, ServerExchange& exchange);
  bool make_room();
  Task<Next> settle(ServerExchange& exchange);
  Task<Next> skip_content(ServerExchange& exchange);
  void carry_over(std::span<char> surplus);
  Task<> linger();

  Server& server_;
  exchange::Connection connection_;
  Wire wire_;
  runtime::Buffer in_;    // bytes read from the client
  std::size_t begin_{0};  // of the head under way
  std::size_t end_{0};    // of what was read
  bool idle_{false};
  ServerSession* previous_{nullptr};  // in the server's list
  ServerSession* next_{nullptr};
};

}  // namespace gatehouse::http1
