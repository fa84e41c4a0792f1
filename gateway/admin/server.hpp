// Server: the admin API on one address (TCP or a unix socket) of the control thread. HTTP is control_http's, with a limit
// on connections, head, content and time; what requests mean is decided by respond() in api.hpp. All calls on the
// thread that runs the io_context.
//
//   admin::Server server(io, control, options);
//   GH_TRY(const std::string address, server.start("127.0.0.1:9900"));   // or "unix:/run/gatehouse.sock"
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/filters/result.hpp"
#include "gateway/admin/control.hpp"

namespace boost::asio {
class io_context;
}

namespace gatehouse::admin {

struct ServerOptions {
  std::vector<std::string> allowed_hosts;  // Host/Origin names accepted besides local ones
  std::uint32_t connections_max{64};       // more are closed at accept
  std::uint32_t head_max{16 * 1024};
  std::uint32_t body_max{64 * 1024};
  std::chrono::milliseconds request_time{std::chrono::seconds(10)};  // for a request to arrive, and to be idle between
  std::chrono::milliseconds answer_time{std::chrono::seconds(30)};   // for an answer to be taken
};

class Server {
 public:
  Server(boost::asio::io_context& io, Control& control, ServerOptions options = ServerOptions());
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Listens: address:port, localhost:port or unix:/path (a stale socket file is replaced, the new one is 0600). Gives
  /// the address with the real port, or a message.
  Result<std::string, std::string> start(const std::string& address);
  /// Stops listening, lets answers under way be written, for a second at most, then calls `done`. Control is not asked
  /// any more from here on. For the end of a drain: whoever asked for it gets the answer.
  void finish(std::function<void()> done);
  /// A reload changed admin.allowed_hosts.
  void allow_hosts(std::vector<std::string> hosts);
  /// Stops listening and ends all connections at once. Any number of times, also after finish(), whose `done` is then
  /// not called any more.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::admin
