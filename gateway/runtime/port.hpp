// Port: one descriptor's readiness, kept as flags. It is added once, edge-triggered, to the worker's PortSet and never
// touched again until it closes, so waiting costs no system call. Whoever sees EAGAIN (or a short read, which emptied
// the socket) clears the flag and awaits the next edge. One reader and one writer may wait at a time; a waiter may wait
// on several ports at once (any_of). Owned by the connection; used on its worker's thread only.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <utility>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::runtime {

class PortSet;
class AnyOf;

/// One coroutine that waits for one thing. Fired at most once for each wait.
class Waiter {
 public:
  bool waiting() const noexcept { return static_cast<bool>(handle_); }
  void set(std::coroutine_handle<> handle, AnyOf* group = nullptr) noexcept {
    GH_DEBUG_ASSERT(!handle_);
    handle_ = handle;
    group_ = group;
  }
  void clear() noexcept { handle_ = {}, group_ = nullptr; }
  /// Where the state of who waits is; null when nobody does.
  const void* frame() const noexcept { return handle_.address(); }
  /// Resumes who waits, if any; whatever it owns, this waiter too, may be gone when this returns.
  inline void fire();

 private:
  std::coroutine_handle<> handle_;
  AnyOf* group_{nullptr};
};

/// Waits until one of several waiters fires; the others are withdrawn before the coroutine goes on.
class AnyOf {
 public:
  AnyOf(Waiter& a, Waiter& b) noexcept : waiters_{&a, &b} {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept {
    for (Waiter* waiter : waiters_) waiter->set(handle, this);
  }
  void await_resume() const noexcept {}
  void withdraw() noexcept {
    for (Waiter* waiter : waiters_) waiter->clear();
  }

 private:
  std::array<Waiter*, 2> waiters_;
};

inline void Waiter::fire() {
  if (!handle_) return;
  const std::coroutine_handle<> handle = handle_;
  if (group_ != nullptr) {
    group_->withdraw();
  } else {
    clear();
  }
  handle.resume();
}

class Port {
 public:
  Port() = default;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() { close(); }

  /// Takes over a non-blocking descriptor and adds it to the set. False (errno says why) when the kernel refuses; the
  /// descriptor is closed then.
  bool open(PortSet& set, int fd) noexcept;
  /// Closes the descriptor. No coroutine may be waiting.
  void close() noexcept;
  /// Ends both directions at once, so that whoever waits wakes up and sees the end. Safe in any state.
  void shut() noexcept;

  int fd() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }

  bool in{true};    // a read may find something
  bool out{true};   // a write may find room
  bool hup{false};  // the peer has ended its direction, or there was an error: reads will not block again

  Waiter reader;
  Waiter writer;

  /// Told once when the connection is gone for good (reset, or ended on both sides), whoever waits for what. Whoever sets
  /// it clears it before what it refers to goes away.
  struct Gone {
    void (*told)(void*) noexcept {nullptr};
    void* context{nullptr};
  };
  Gone gone;

  /// co_await port.readable(): goes on at the next edge. Returns at once when `in` is set already.
  auto readable() noexcept { return Readiness{in, reader}; }
  auto writable() noexcept { return Readiness{out, writer}; }

  /// What epoll said; sets the flags, then fires. The port may be gone when this returns.
  void on_event(std::uint32_t events) noexcept;

 private:
  struct Readiness {
    const bool& flag;
    Waiter& waiter;
    bool await_ready() const noexcept { return flag; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { waiter.set(handle); }
    void await_resume() const noexcept {}
  };

  // Events of one batch may name a port that an earlier event of the batch closed: the set looks the port up by a
  // registration, which stays until the batch is over.
  friend class PortSet;
  struct Registration {
    Port* port;
    Registration* next;
  };
  int fd_{-1};
  PortSet* set_{nullptr};
  Registration* registration_{nullptr};
};

}  // namespace gatehouse::runtime
