// Server: the control plane's HTTP/1.1 server, by Beast, with a limit on everything: connections, head, content and
// time. It reads requests and writes answers; what they mean is a Responder's. It is apart from the data plane's HTTP on
// purpose: the admin API answers whatever happens there, and a demo origin must not share its mistakes. All calls on
// the thread that runs the io_context.
//
//   control_http::Server server(io, responder, limits);
//   const auto error = server.start(endpoint);   // port 0: a free one, server.port() says which
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/control_http/message.hpp"

namespace gatehouse::control_http {

/// What becomes of content that is larger than it may be: a refusal, or its start is taken.
enum class Beyond : std::uint8_t { refused, cut };

struct Limits {
  std::uint32_t connections_max{64};  // more are closed at accept
  std::uint32_t head_max{16 * 1024};
  std::uint64_t body_max{64 * 1024};
  Beyond beyond_body_max{Beyond::refused};
  std::chrono::milliseconds request_time{std::chrono::seconds(10)};  // for a request to arrive, and to be idle between
  std::chrono::milliseconds answer_time{std::chrono::seconds(30)};   // for an answer to be taken
  bool mirror_version{false};  // an HTTP/1.0 request gets an HTTP/1.0 response, for old clients
};

class Server {
 public:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;

  Server(boost::asio::io_context& io, Responder& responder, const Limits& limits);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Binds and begins to serve. After an error it does not listen.
  boost::system::error_code start(const Endpoint& endpoint);
  /// Where it really listens, "127.0.0.1:9900" or "[::1]:9900"; for TCP.
  std::string address() const;
  std::uint16_t port() const;

  /// For the connections' next requests.
  void limit_content(std::uint64_t bytes);

  /// Stops listening, lets answers under way be written, for a second at most, then calls `done`. The responder is not
  /// asked any more from here on.
  void finish(std::function<void()> done);
  /// Stops listening and ends all connections at once. Any number of times, also after finish(), whose `done` is then
  /// not called any more.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gatehouse::control_http
