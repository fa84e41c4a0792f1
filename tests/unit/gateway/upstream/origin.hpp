// Origin: an origin for tests that behaves as told, well or badly, on the test's own io_context, and counts what it
// saw.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "gateway/runtime/control_task.hpp"

namespace gatehouse::upstream {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Runs the io_context until `reached` says yes; false when that takes longer than any healthy machine needs.
inline bool run_until(asio::io_context& io, const std::function<bool()>& reached) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  io.restart();
  while (!reached() && std::chrono::steady_clock::now() < deadline) io.run_one_for(std::chrono::milliseconds(20));
  return reached();
}

enum class Behaviour { answer, silent, drip, endless_head, reset };

class Origin {
 public:
  explicit Origin(asio::io_context& io, asio::ssl::context* tls = nullptr) : io_(io), tls_(tls), acceptor_(io) {
    const tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
    acceptor_.open(anywhere.protocol());
    acceptor_.bind(anywhere);
    acceptor_.listen();
    runtime::start_control_task(io_, "origin", [this] { return accept(); });
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// From now on connections are refused.
  void close() { acceptor_.close(); }

  Behaviour behaviour{Behaviour::answer};
  std::string reply{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  std::string last_request;
  int accepted{0};
  int ended{0};  // connections that the other side closed
  std::size_t bytes_sent{0};

 private:
  runtime::ControlTask<> accept() {
    while (acceptor_.is_open()) {
      auto [error, socket] = co_await acceptor_.async_accept(runtime::control_token);
      if (error) co_return;
      ++accepted;
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      runtime::start_control_task(io_, "session", [this, shared] { return session(shared); });
    }
  }

  runtime::ControlTask<> session(std::shared_ptr<tcp::socket> socket) {
    if (behaviour == Behaviour::reset) {
      socket->set_option(tcp::socket::linger(true, 0));
      socket->close();
      co_return;
    }
    if (tls_ == nullptr) {
      co_await talk(*socket);
      co_return;
    }
    asio::ssl::stream<tcp::socket&> stream(*socket, *tls_);
    const auto [refused] = co_await stream.async_handshake(asio::ssl::stream_base::server, runtime::control_token);
    if (!refused) co_await talk(stream);
  }

  template <class Stream>
  runtime::ControlTask<> talk(Stream& stream) {
    std::string request;
    const auto [error, size] =
        co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", runtime::control_token);
    if (error) {
      ++ended;  // a TCP check
      co_return;
    }
    last_request = request;
    if (behaviour == Behaviour::answer) co_await send(stream, reply);
    if (behaviour == Behaviour::drip) co_await drip(stream);
    if (behaviour == Behaviour::endless_head) co_await send_endless_head(stream);
    // Whoever asked has to hang up.
    char byte;
    const auto [end, n] = co_await stream.async_read_some(asio::buffer(&byte, 1), runtime::control_token);
    ended += end ? 1 : 0;
  }

  template <class Stream>
  runtime::ControlTask<bool> send(Stream& stream, const std::string& text) {
    const auto [error, n] = co_await asio::async_write(stream, asio::buffer(text), runtime::control_token);
    bytes_sent += n;
    co_return !error;
  }

  /// A byte each millisecond: never late by itself, and never done.
  template <class Stream>
  runtime::ControlTask<> drip(Stream& stream) {
    asio::steady_timer timer(io_);
    const std::string piece(1, 'H');
    std::string head = "HTTP/1.1 200 OK\r\nX-Slow: ";
    for (const char c : head) {
      if (!co_await send(stream, std::string(1, c))) co_return;
    }
    while (co_await send(stream, piece)) {
      timer.expires_after(std::chrono::milliseconds(1));
      co_await timer.async_wait(runtime::control_token);
    }
  }

  template <class Stream>
  runtime::ControlTask<> send_endless_head(Stream& stream) {
    const std::string start = "HTTP/1.1 200 OK\r\n";
    const std::string field = "X-More: " + std::string(990, 'x') + "\r\n";
    bool open = co_await send(stream, start);
    while (open) open = co_await send(stream, field);
  }

  asio::io_context& io_;
  asio::ssl::context* tls_;
  tcp::acceptor acceptor_;
};

}  // namespace gatehouse::upstream
