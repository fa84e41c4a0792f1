// LogWriter: the thread that carries access log lines from the workers' rings to a file, stdout or stderr. It wakes
// every 50 ms while lines come, at once when a ring is half full, and otherwise twice a second, and writes all that
// waits with one writev. Nothing it meets (full disk, slow or closed pipe) ever holds a worker up: lines stay in the
// rings until they can be written, and what finds no room there is dropped and counted.
//
// Add the rings before start(). reopen() and the counters from any thread; the rest from the one that owns it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gatehouse/filters/result.hpp"
#include "gateway/observe/log_ring.hpp"
#include "gateway/observe/log_sink.hpp"

namespace gatehouse::observe {

class LogWriter {
 public:
  /// Told of a problem once, and of its end once; on the writer's thread.
  using Report = std::function<void(std::string_view message, int os_error)>;

  /// Without a report, problems go to the event log.
  explicit LogWriter(Report report = nullptr);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  ~LogWriter();

  /// A ring for one worker; lives as long as the writer.
  LogRing& add_ring(std::uint64_t size);

  /// Opens the log and starts the thread. `path` is stdout, stderr or a file. 0, or the errno of opening it.
  int start(const std::string& path);
  /// Closes the file and opens it again by name, after what waits was written (logrotate). With a path: goes on there.
  /// If it cannot be opened, the old one stays in use and the problem is reported.
  void reopen();
  void reopen(std::string path);
  /// Writes what waits, but for no longer than the limit, and ends the thread.
  void stop(std::chrono::milliseconds limit = std::chrono::seconds(2));

  /// Lines that found no room, or were cut by a reopened file.
  std::uint64_t dropped() const;
  std::uint64_t bytes_written() const noexcept { return bytes_written_.value(); }
  std::uint64_t write_calls() const noexcept { return write_calls_.value(); }
  std::uint64_t write_errors() const noexcept { return write_errors_.value(); }

 private:
  enum class Outcome : std::uint8_t { idle, wrote, blocked, failed };
  using Moment = std::chrono::steady_clock::time_point;

  void run();
  void finish();
  Outcome drain();
  std::size_t gather();
  void consume(std::size_t n);
  Outcome note_failure(int os_error);
  void note_success(std::size_t n);
  void reopen_if_asked();
  void skip_cut_line();
  void sleep(Outcome last);
  void wait_for_bell(int timeout_ms);

  Report report_;
  LogBell bell_;
  LogSink sink_;
  std::vector<std::unique_ptr<LogRing>> rings_;
  std::mutex mutex_;  // asked_path_; never taken by a worker
  std::string asked_path_;
  std::atomic<bool> reopen_asked_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<Moment> stop_until_{Moment::max()};
  std::thread thread_;

  // The writer's thread only.
  std::string path_;
  std::vector<iovec> pieces_;      // what waits, one piece a ring ...
  std::vector<LogRing*> sources_;  // ... and whose it is
  LogRing* cut_{nullptr};          // the ring whose line was written in part: it goes first
  bool troubled_{false};
  unsigned idle_rounds_{0};

  // Written by that thread, read by any.
  Counter cut_lines_;
  Counter bytes_written_;
  Counter write_calls_;
  Counter write_errors_;
};

}  // namespace gatehouse::observe
