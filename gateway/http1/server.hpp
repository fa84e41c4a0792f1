// Server: a worker's HTTP/1 sessions. It knows which of them wait for a request, so that a drain closes those at once
// and a full house can make room by closing the one that has waited longest; and it keeps the exchanges for reuse.
// One thread; outlives its sessions.
#pragma once

#include <atomic>
#include <memory>

#include "gateway/exchange/exchange.hpp"
#include "gateway/http1/server_exchange.hpp"
#include "gateway/runtime/recycler.hpp"

namespace gatehouse::http1 {

class ServerSession;

class Server {
 public:
  Server(runtime::Worker& worker, exchange::Handler& handler) noexcept : worker_(worker), handler_(handler) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves a connection until it ends.
  Task<> serve(std::unique_ptr<net::Stream> stream, const exchange::Connection& connection);

  /// Closes every session that is between two exchanges.
  void close_idle() noexcept;
  /// Closes the session that has been idle longest; false when none is.
  bool close_oldest_idle() noexcept;
  /// Closes the idle sessions whose listener is no more.
  void close_unwanted() noexcept;
  /// Sessions that wait between two exchanges. Any thread.
  std::uint32_t idle() const noexcept { return idle_count_.load(std::memory_order_relaxed); }
  std::size_t sessions() const noexcept { return sessions_; }
  /// Whether this connection is to be closed after its exchange.
  bool closing(const exchange::Connection& connection) const noexcept { return handler_.closing(connection); }

 private:
  friend class ServerSession;
  struct Chain {
    ServerSession* first{nullptr};
    ServerSession* last{nullptr};
  };
  void enter(ServerSession& session) noexcept;
  void leave(ServerSession& session) noexcept;
  void set_idle(ServerSession& session, bool idle) noexcept;
  static void link(Chain& chain, ServerSession& session) noexcept;
  static void unlink(Chain& chain, ServerSession& session) noexcept;

  runtime::Worker& worker_;
  exchange::Handler& handler_;
  runtime::Recycler<ServerExchange> exchanges_;
  Chain idle_;
  Chain busy_;
  std::atomic<std::uint32_t> idle_count_{0};  // written by this thread alone
  std::size_t sessions_{0};
};

}  // namespace gatehouse::http1
