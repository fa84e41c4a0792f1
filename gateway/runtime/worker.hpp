// Worker: one thread and everything it touches: its io_context, traffic sockets, buffers, deadlines, random source and
// tasks (design: one thread = one world). run() is called on the worker's own thread; post() and stop() from any
// thread; all else only on the worker's thread, or before run().
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <thread>

#include "gateway/runtime/buffers.hpp"
#include "gateway/runtime/clock.hpp"
#include "gateway/runtime/deadlines.hpp"
#include "gateway/runtime/port_set.hpp"
#include "gateway/runtime/random.hpp"
#include "gateway/runtime/task.hpp"

namespace gatehouse::runtime {

namespace asio = boost::asio;

class Worker {
 public:
  Worker(unsigned index, std::uint64_t seed, Clock clock = {});
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  unsigned index() const noexcept { return index_; }
  asio::io_context& io() noexcept { return io_; }
  PortSet& ports() noexcept { return ports_; }
  BufferPool& buffers() noexcept { return buffers_; }
  Deadlines& deadlines() noexcept { return deadlines_; }
  Random& random() noexcept { return random_; }
  const Clock& clock() const noexcept { return clock_; }

  /// Handles events until stop() was called. On the worker's thread.
  void run();
  /// Makes run() return soon. Any thread.
  void stop() noexcept;
  /// Runs the worker on a thread of its own, until stop(). join() waits for its end.
  void start();
  void join();
  /// Ends what is still under way: every socket is shut, and events are handled until all tasks have ended. Only when
  /// run() is not running; gives up after a while.
  void finish_tasks();
  /// Runs `work` on the worker's thread. Any thread.
  template <class F>
  void post(F&& work) { asio::post(io_, std::forward<F>(work)); }

  /// Starts a task that nobody awaits; the worker counts it. What escapes it as an exception is counted and printed:
  /// it is a bug of ours or no memory, and ends that task only.
  void spawn(const char* name, Task<> task);
  /// Tasks under way.
  std::size_t tasks() const noexcept { return tasks_; }
  /// Exceptions that reached the root of a task. Any thread.
  std::uint64_t escaped_exceptions() const noexcept { return escaped_.load(std::memory_order_relaxed); }

  /// Lets other connections have a turn: for loops whose sides stay ready.
  struct Yield {
    Worker& worker;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { asio::post(worker.io_, [handle] { handle.resume(); }); }
    void await_resume() const noexcept {}
  };
  Yield yield() noexcept { return Yield{*this}; }

 private:
  struct Root;
  Root supervise(const char* name, Task<> task);
  void pump();
  void wait_for_tick();

  unsigned index_;
  Clock clock_;
  Random random_;
  BufferPool buffers_;
  Deadlines deadlines_;
  PortSet ports_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::posix::stream_descriptor nest_;
  asio::steady_timer tick_;
  std::size_t tasks_{0};
  std::atomic<std::uint64_t> escaped_{0};
  std::thread thread_;
};

}  // namespace gatehouse::runtime
