#include "gateway/observe/log_ring.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <system_error>

namespace gatehouse::observe {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// Memory that appears twice in a row, so that position size + i is position i.
char* map_twice(std::uint64_t size) {
  const int fd = ::memfd_create("gatehouse-log", MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  void* whole = MAP_FAILED;
  if (::ftruncate(fd, static_cast<off_t>(size)) == 0) {
    whole = ::mmap(nullptr, size * 2, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  bool ok = whole != MAP_FAILED;
  for (unsigned copy = 0; ok && copy < 2; ++copy) {
    ok = ::mmap(static_cast<char*>(whole) + copy * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) !=
         MAP_FAILED;
  }
  const int error = errno;
  ::close(fd);
  if (ok) return static_cast<char*>(whole);
  if (whole != MAP_FAILED) ::munmap(whole, size * 2);
  errno = error;
  fail("mmap of a log ring");
}

}  // namespace

LogBell::LogBell() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) fail("eventfd");
}

LogBell::~LogBell() { ::close(fd_); }

void LogBell::ring() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the count is full, and then the writer has been woken long since.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void LogBell::clear() noexcept {
  std::uint64_t rung = 0;
  [[maybe_unused]] const auto got = ::read(fd_, &rung, sizeof rung);
}

LogRing::LogRing(std::uint64_t size, LogBell& bell) : bell_(bell) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  size_ = std::bit_ceil(size < page ? page : size);
  mask_ = size_ - 1;
  memory_ = map_twice(size_);
}

LogRing::~LogRing() { ::munmap(memory_, size_ * 2); }

void LogRing::wake(std::uint64_t head) noexcept {
  // Of several workers only the one that takes the flag rings.
  if (bell_.sleeping.load(std::memory_order_relaxed) && bell_.sleeping.exchange(false)) bell_.ring();
  tail_seen_ = tail_.load(std::memory_order_acquire);
  if (head - tail_seen_ >= size_ / 2) {
    rung_at_ = head;
    bell_.ring();
  } else if (head - rung_at_ >= size_ / 2) {
    rung_at_ = tail_seen_;  // less waits than it looked: count from there
  }
}

}  // namespace gatehouse::observe
