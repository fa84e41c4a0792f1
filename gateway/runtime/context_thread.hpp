// ContextThread: an io_context with a thread of its own, for what must not share the control thread: the demo's origins
// stand for other machines. start() once, stop() before what its handlers refer to goes away.
#pragma once

#include <boost/asio/io_context.hpp>
#include <thread>

namespace gatehouse::runtime {

class ContextThread {
 public:
  ContextThread() : io_(1) {}
  ContextThread(const ContextThread&) = delete;
  ContextThread& operator=(const ContextThread&) = delete;
  ~ContextThread() { stop(); }

  boost::asio::io_context& io() noexcept { return io_; }
  void start() {
    thread_ = std::thread([this] { io_.run(); });
  }
  void stop() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  boost::asio::io_context io_;
  std::thread thread_;
};

}  // namespace gatehouse::runtime
