#include "gateway/runtime/worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

namespace gatehouse::runtime {

/// The root of a spawned task: starts at once, destroys itself at the end.
struct Worker::Root {
  struct promise_type {
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }  // supervise() catches all there is
  };
};

// Concurrency hint 1: one thread runs this context, so Asio may skip some of its own locking.
Worker::Worker(unsigned index, std::uint64_t seed, Clock clock)
    : index_(index), clock_(clock), random_(seed), io_(1), work_(io_.get_executor()), nest_(io_), tick_(io_) {
  boost::system::error_code error;
  nest_.assign(ports_.fd(), error);
  GH_ASSERT(!error);
  pump();
  tick_.expires_after(Deadlines::tick_length);
  wait_for_tick();
}

Worker::~Worker() {
  join();
  nest_.release();
}

void Worker::run() { io_.run(); }

void Worker::stop() noexcept { io_.stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::finish_tasks() {
  io_.restart();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (tasks_ != 0 && std::chrono::steady_clock::now() < until) {
    ports_.shut_all();
    io_.run_one_for(std::chrono::milliseconds(20));
    io_.poll();
  }
}

void Worker::spawn(const char* name, Task<> task) { supervise(name, std::move(task)); }

Worker::Root Worker::supervise(const char* name, Task<> task) {
  ++tasks_;
  try {
    co_await task;
  } catch (const std::exception& error) {
    escaped_.fetch_add(1, std::memory_order_relaxed);
    std::fprintf(stderr, "gatehouse: task %s ended by an exception: %s\n", name, error.what());
  } catch (...) {
    escaped_.fetch_add(1, std::memory_order_relaxed);
    std::fprintf(stderr, "gatehouse: task %s ended by an unknown exception\n", name);
  }
  --tasks_;
}

// The set is itself a descriptor that is readable while a socket has events. One batch a wakeup, since the next wait
// finds what came meanwhile; more batches cost an empty epoll_wait each.
void Worker::pump() {
  nest_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    ports_.poll();
    pump();
  });
}

void Worker::wait_for_tick() {
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    deadlines_.tick();
    // A late tick is not made up for: several at once would end waits that have only just begun.
    tick_.expires_at(std::max(tick_.expiry() + Deadlines::tick_length, std::chrono::steady_clock::now()));
    wait_for_tick();
  });
}

}  // namespace gatehouse::runtime
