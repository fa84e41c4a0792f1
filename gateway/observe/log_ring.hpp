// LogRing: bytes of whole log lines on their way from one worker to the log writer. One producer, one consumer, no
// lock; the producer never waits and makes no system call but one wakeup each time the ring gets half full or the
// writer sleeps deeply. What does not fit is dropped and counted.
//
// The memory is mapped twice, one copy after the other, so that any stretch of the ring is contiguous: a line is
// formatted in place, and all that waits is written out as one piece.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "gateway/observe/counter.hpp"

namespace gatehouse::observe {

/// Wakes the log writer. Any thread.
class LogBell {
 public:
  LogBell();
  LogBell(const LogBell&) = delete;
  LogBell& operator=(const LogBell&) = delete;
  ~LogBell();

  int fd() const noexcept { return fd_; }
  void ring() noexcept;
  void clear() noexcept;

  /// Whether the writer sleeps until it is woken, and not just until its next round.
  std::atomic<bool> sleeping{false};

 private:
  int fd_;
};

class LogRing {
 public:
  /// Rounded up to whole pages. Throws std::system_error when the memory cannot be had: at start only.
  LogRing(std::uint64_t size, LogBell& bell);
  LogRing(const LogRing&) = delete;
  LogRing& operator=(const LogRing&) = delete;
  ~LogRing();

  // Producer.
  /// Bytes that can be written at space() now.
  std::uint64_t room(std::uint64_t wanted) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    // The consumer's position is asked for only when the last known one leaves too little.
    if (size_ - (head - tail_seen_) < wanted) tail_seen_ = tail_.load(std::memory_order_acquire);
    return size_ - (head - tail_seen_);
  }
  char* space() noexcept { return memory_ + (head_.load(std::memory_order_relaxed) & mask_); }
  /// Hands over a line of n bytes at space().
  void commit(std::uint64_t n) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed) + n;
    head_.store(head, std::memory_order_release);
    if (head - rung_at_ >= size_ / 2 || bell_.sleeping.load(std::memory_order_relaxed)) wake(head);
  }
  void drop() noexcept { dropped_.add(); }

  // Consumer.
  /// All that waits, in order.
  std::span<const char> waiting() const noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    return {memory_ + (tail & mask_), static_cast<std::size_t>(head_.load(std::memory_order_acquire) - tail)};
  }
  void consume(std::uint64_t n) noexcept {
    tail_.store(tail_.load(std::memory_order_relaxed) + n, std::memory_order_release);
  }

  // Any thread.
  std::uint64_t dropped() const noexcept { return dropped_.value(); }
  std::uint64_t size() const noexcept { return size_; }

 private:
  void wake(std::uint64_t head) noexcept;

  LogBell& bell_;
  char* memory_{nullptr};
  std::uint64_t size_{0};  // a power of two
  std::uint64_t mask_{0};

  alignas(64) std::atomic<std::uint64_t> head_{0};  // producer's line: bytes ever written
  std::uint64_t tail_seen_{0};
  std::uint64_t rung_at_{0};
  Counter dropped_;

  alignas(64) std::atomic<std::uint64_t> tail_{0};  // consumer's line: bytes ever taken
};

}  // namespace gatehouse::observe
