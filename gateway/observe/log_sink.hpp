// LogSink: where log lines end: a file, or the process's stdout or stderr, whatever those are. write() never waits for
// a reader: a pipe is reopened as a descriptor of our own that does not block, so that the flags of the one we were
// given, which others may share, stay as they are. Used by one thread.
#pragma once

#include <sys/uio.h>

#include <span>
#include <string>

namespace gatehouse::observe {

class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  ~LogSink() { close(); }

  /// 0, or the errno. On failure what was open before stays open.
  int open(const std::string& path);
  void close() noexcept;

  /// Bytes taken, possibly fewer than given, or a negative errno: -EAGAIN asks to wait until it can be written again.
  long write(std::span<const iovec> pieces) noexcept;
  /// Waits until write() may succeed, `wake_fd` is readable, or the time is over.
  void wait(int wake_fd, int timeout_ms) noexcept;
  int fd() const noexcept { return fd_; }

 private:
  /// plain: never blocks for long, or does not block at all. paced: blocks when given more than fits (a terminal, or a
  /// pipe that could not be reopened), so it is given little at a time, when poll() says that it has room.
  enum class Kind : unsigned char { plain, socket, paced };

  int adopt(int fd, bool owned) noexcept;
  long write_paced(const iovec& piece) noexcept;

  int fd_{-1};
  bool owned_{false};
  Kind kind_{Kind::plain};
};

}  // namespace gatehouse::observe
