#include "gateway/upstream/site_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <coroutine>
#include <cstring>

namespace gatehouse::upstream {
namespace {

int open_beneath(int folder, const char* name, std::uint64_t flags) noexcept {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  constexpr int tries_max = 8;
  long fd = -1;
  // EAGAIN: something was renamed while the kernel went up a symbolic link's `..`, so that it cannot vouch for the result.
  for (int tries = 0; tries < tries_max; ++tries) {
    fd = ::syscall(SYS_openat2, folder, name, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return static_cast<int>(fd);
}

std::int64_t in_ns(const timespec& time) noexcept { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

SiteRoot::Found why_not(int error) noexcept {
  switch (error) {
    case EACCES:
    case EPERM: return SiteRoot::Found::forbidden;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO: return SiteRoot::Found::trouble;
    default: return SiteRoot::Found::none;  // among them EXDEV: it is outside
  }
}

/// Runs `work` on a thread that may block and resumes the caller on its own.
template <class F>
struct Elsewhere {
  runtime::Worker& worker;
  boost::asio::io_context& io;
  F work;
  std::size_t result{0};

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    boost::asio::post(io, [this, caller] {
      result = work();
      worker.post([caller] { caller.resume(); });
    });
  }
  std::size_t await_resume() const noexcept { return result; }
};
template <class F>
Elsewhere(runtime::Worker&, boost::asio::io_context&, F) -> Elsewhere<F>;

}  // namespace

SiteFile::~SiteFile() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<std::size_t> SiteFile::read_now(std::span<char> space, std::uint64_t offset) const noexcept {
  iovec room{space.data(), space.size()};
  const ssize_t n = ::preadv2(fd_, &room, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  if (n >= 0) return static_cast<std::size_t>(n);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  // A file system that cannot tell whether it would wait is one in memory, as a rule.
  return read(space, offset);
}

std::size_t SiteFile::read(std::span<char> space, std::uint64_t offset) const noexcept {
  for (;;) {
    const ssize_t n = ::pread(fd_, space.data(), space.size(), static_cast<off_t>(offset));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) return 0;  // the same as an end that comes too early
  }
}

struct SiteRoot::Reading {
  Reading() : work(thread.io().get_executor()) { thread.start(); }
  runtime::ContextThread thread;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
};

Result<std::unique_ptr<SiteRoot>, std::string> SiteRoot::open(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failure{"cannot open the folder " + folder + ": " + std::strerror(errno)};
  std::unique_ptr<SiteRoot> root(new SiteRoot(fd));
  const int again = open_beneath(fd, ".", O_PATH);
  if (again < 0) return Failure{"the kernel cannot open files beneath " + folder + " (openat2): " + std::strerror(errno)};
  ::close(again);
  return root;
}

SiteRoot::SiteRoot(int fd) noexcept : fd_(fd) {}

SiteRoot::~SiteRoot() { ::close(fd_); }

SiteRoot::Opened SiteRoot::open_file(const char* name) const noexcept {
  // O_NONBLOCK: a named pipe must not hold up the worker. Terminals and the like are let go at once.
  const int fd = open_beneath(fd_, *name == 0 ? "." : name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return {why_not(errno), {}};
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return {known && S_ISDIR(status.st_mode) ? Found::folder : Found::none, {}};
  }
  return {Found::file, SiteFile(fd, static_cast<std::uint64_t>(status.st_size), in_ns(status.st_mtim), in_ns(status.st_ctim))};
}

runtime::Task<std::size_t> SiteRoot::read(runtime::Worker& worker, const SiteFile& file, std::span<char> space, std::uint64_t offset) const {
  std::call_once(begun_, [this] { reading_ = std::make_unique<Reading>(); });
  Elsewhere elsewhere{worker, reading_->thread.io(), [&file, space, offset] { return file.read(space, offset); }};
  co_return co_await elsewhere;
}

}  // namespace gatehouse::upstream
