#include "gateway/observe/log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace gatehouse::observe {
namespace {

/// What a pipe that polls as writable takes without blocking: poll(2) promises a free page.
constexpr std::size_t paced_size = PIPE_BUF;

/// The same pipe or terminal through a file description of our own that does not block. -1 when that is not allowed.
int reopen_without_blocking(int fd) noexcept {
  const std::string name = "/proc/self/fd/" + std::to_string(fd);
  return ::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_APPEND | O_CLOEXEC | O_NOCTTY);
}

}  // namespace

int LogSink::open(const std::string& path) {
  if (path == "stdout") return adopt(STDOUT_FILENO, false);
  if (path == "stderr") return adopt(STDERR_FILENO, false);
  // O_NONBLOCK: a named pipe that nobody reads must not hang the start; regular files ignore it.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
  return fd < 0 ? errno : adopt(fd, true);
}

int LogSink::adopt(int fd, bool owned) noexcept {
  struct stat about {};
  if (::fstat(fd, &about) != 0) {
    const int error = errno;
    if (owned) ::close(fd);
    return error;
  }
  Kind kind = S_ISSOCK(about.st_mode) ? Kind::socket : Kind::plain;
  if (!owned && (S_ISFIFO(about.st_mode) || ::isatty(fd) == 1)) {
    const int own = reopen_without_blocking(fd);
    kind = own < 0 ? Kind::paced : Kind::plain;
    owned = own >= 0;
    fd = own < 0 ? fd : own;
  }
  close();
  fd_ = fd;
  owned_ = owned;
  kind_ = kind;
  return 0;
}

void LogSink::close() noexcept {
  if (owned_) ::close(fd_);
  fd_ = -1;
  owned_ = false;
}

long LogSink::write(std::span<const iovec> pieces) noexcept {
  long n = 0;
  if (kind_ == Kind::paced) {
    n = write_paced(pieces.front());
  } else if (kind_ == Kind::socket) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    n = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    n = ::writev(fd_, pieces.data(), static_cast<int>(pieces.size()));
  }
  return n < 0 ? -errno : n;
}

long LogSink::write_paced(const iovec& piece) noexcept {
  pollfd state{fd_, POLLOUT, 0};
  if (::poll(&state, 1, 0) == 0) {
    errno = EAGAIN;
    return -1;
  }
  return ::write(fd_, piece.iov_base, std::min(piece.iov_len, paced_size));
}

void LogSink::wait(int wake_fd, int timeout_ms) noexcept {
  pollfd both[2]{{fd_, POLLOUT, 0}, {wake_fd, POLLIN, 0}};
  ::poll(both, 2, timeout_ms);
}

}  // namespace gatehouse::observe
