// LogWriter: the thread that carries access log lines from the workers' rings to a file, stdout or stderr. It wakes
// every 50 ms while lines come, at once when a ring is half full, and otherwise twice a second, and writes all that
// waits with one writev. Nothing it meets (full disk, slow or closed pipe) ever holds a worker up: lines stay in the
// rings until they can be written, and what finds no room there is dropped and counted.
//
// Construct and add rings before start(); reopen(), stop() and the counters from any thread.
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

#include "gateway/observe/log_ring.hpp"
#include "gateway/observe/log_sink.hpp"

namespace gatehouse::observe {

class LogWriter {
 public:
  /// Told of a problem once, and of its end once; on the writer's thread.
  using Report = std::function<void(std::string_view message, int os_error)>;

  explicit LogWriter(Report report);
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
  using Moment = std::chrono::steady_clock::time_point;

  void run();
  bool drain();
  void consume(std::size_t n);
  void failed(int os_error);
  void succeeded();
  void reopen_if_asked();
  void skip_cut_line();
  void wait_for_room(Moment until);
  void sleep(bool busy);

  Report report_;
  LogBell bell_;
  LogSink sink_;
  mutable std::mutex mutex_;  // rings_ and asked_path_; never taken by a worker
  std::vector<std::unique_ptr<LogRing>> rings_;
  std::string asked_path_;
  std::string path_;
  std::atomic<bool> reopen_asked_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> stop_until_ns_{0};
  std::thread thread_;

  // The writer's thread only.
  LogRing* cut_{nullptr};  // the ring whose line was written in part
  bool troubled_{false};
  unsigned empty_rounds_{0};
  Counter cut_lines_;
  Counter bytes_written_;
  Counter write_calls_;
  Counter write_errors_;
};

}  // namespace gatehouse::observe
