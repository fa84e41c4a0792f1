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
  Wire(runtime::Worker& worker, std::unique_ptr<net::Stream> stream, Side side);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  runtime::Worker& worker() noexcept { return worker_; }
  net::Stream& stream() noexcept { return *stream_; }
  Side side() const noexcept { return side_; }

  /// Reads what is there, waiting up to `limit` for the first byte. 0: the peer has ended its direction.
  Task<Try<std::size_t>> read(std::span<char> space, milliseconds limit);
  /// Writes all the pieces; `limit` holds for each wait. The pieces are changed.
  Task<Try<void>> write(std::span<iovec> pieces, milliseconds limit);
  /// Waits for readiness within `limit`; the fault says whether the limit or a stop ended the wait.
  Task<Try<void>> wait_readable(milliseconds limit);
  Task<Try<void>> wait_writable(milliseconds limit);

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
  void begin_wait(milliseconds limit) noexcept;
  void end_wait() noexcept;
  Fault timed_out() const noexcept;

  runtime::Worker& worker_;
  std::unique_ptr<net::Stream> stream_;
  runtime::Deadline deadline_;
  Side side_;
  std::uint8_t waits_{0};
  bool whole_{false};
  bool shuts_{false};
  bool reading_stopped_{false};
  bool writing_stopped_{false};
};

}  // namespace gatehouse::exchange
