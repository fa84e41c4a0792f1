// Counter and Gauge: one number that exactly one thread writes and any thread may read. A plain load and store with
// relaxed order, so that an update is an ordinary memory increment without a lock prefix; a reader sees a value that
// is a moment old, never a torn one.
#pragma once

#include <atomic>
#include <cstdint>

namespace gatehouse::observe {

class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down on its own thread. Whoever adds must subtract on the same worker.
class Gauge {
 public:
  void add(std::int64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace gatehouse::observe
