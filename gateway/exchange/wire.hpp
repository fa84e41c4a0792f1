// Wire: a stream with its deadline and the words for what goes wrong on it. All sessions read and write through one;
// waiting is where a time limit starts, so a connection whose bytes are at hand pays nothing for it. A reader and a
// writer may wait at the same time (a request's content still going up while its response comes down); the limit then
// means "no byte in either direction". Owned by its session; one thread.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "gateway/exchange/fault.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/runtime/deadlines.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::exchange {

using runtime::Task;
using std::chrono::milliseconds;

class Wire {
 public:
  /// One wait for readiness: co_await it in the same expression. The fault says whether the limit or a stop ended it.
  class Wait {
   public:
    bool await_ready() const noexcept { return ready_; }
    void await_suspend(std::coroutine_handle<> handle) noexcept {
      wire_.begin_wait(limit_);
      waiter_.set(handle);
    }
    Try<void> await_resume() noexcept { return ready_ ? Try<void>{} : wire_.end_wait(stopped_); }

   private:
    friend class Wire;
    Wait(Wire& wire, runtime::Waiter& waiter, bool& stopped, bool ready) noexcept
        : wire_(wire), waiter_(waiter), stopped_(stopped), ready_(ready) {}
    Wire& wire_;
    runtime::Waiter& waiter_;
    bool& stopped_;
    bool ready_;
    milliseconds limit_{0};
  };

  Wire(runtime::Worker& worker, std::unique_ptr<net::Stream> stream, Side side);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  runtime::Worker& worker() noexcept { return worker_; }
  net::Stream& stream() noexcept { return *stream_; }
  Side side() const noexcept { return side_; }

  /// Reads what is there, waiting up to `limit` for the first byte. 0: the peer has ended its direction.
  Task<Try<std::size_t>> read(std::span<char> space, milliseconds limit);
  /// Writes all the pieces; `limit` holds for each wait. The pieces are changed, and must outlive the task.
  Task<Try<void>> write(std::span<iovec> pieces, milliseconds limit);
  /// Waits for readiness within `limit`.
  Wait wait_readable(milliseconds limit) noexcept { return wait(port_.reader, port_.in, reading_stopped_, limit); }
  Wait wait_writable(milliseconds limit) noexcept { return wait(port_.writer, port_.out, writing_stopped_, limit); }

  /// Wakes a waiting read (or write) of this wire, which then fails with Errc::none.
  void stop_reading() noexcept;
  void stop_writing() noexcept;
  /// Whether the last wait ended because its limit was reached.
  bool expired() const noexcept { return deadline_.expired(); }
  /// Arms the limit for the whole of what follows, until settle(): for a head that may drip.
  void limit_all(milliseconds limit) noexcept { deadline_.arm(limit), whole_ = true; }
  void settle() noexcept { deadline_.disarm(), whole_ = shuts_ = false; }
  /// The same for a handshake, whose waits are not this object's: the stream is shut when the limit is reached.
  void limit_handshake(milliseconds limit) noexcept { limit_all(limit), shuts_ = true; }

  /// The fault that an operation's outcome means on this side.
  Fault fault_of(net::Io io) const noexcept;

 private:
  void wake() noexcept;
  Wait wait(runtime::Waiter& waiter, bool ready, bool& stopped, milliseconds limit) noexcept {
    Wait wait(*this, waiter, stopped, ready);
    wait.limit_ = limit;
    return wait;
  }
  void begin_wait(milliseconds limit) noexcept;
  Try<void> end_wait(bool& stopped) noexcept;
  Task<Try<std::size_t>> read_later(std::span<char> space, milliseconds limit);
  Task<Try<void>> write_later(std::span<iovec> pieces, milliseconds limit);
  /// Writes as much as there is room for. would_block: some of it is left.
  net::Io write_now(std::span<iovec>& pieces) noexcept;
  Fault timed_out() const noexcept;

  runtime::Worker& worker_;
  std::unique_ptr<net::Stream> stream_;
  runtime::Port& port_;  // the stream's
  runtime::Deadline deadline_;
  Side side_;
  std::uint8_t waits_{0};
  bool whole_{false};
  bool shuts_{false};
  bool reading_stopped_{false};
  bool writing_stopped_{false};
};

}  // namespace gatehouse::exchange
