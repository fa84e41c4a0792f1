// Clock: where the data plane's time comes from. Injected, so that a recorded exchange can be replayed and logic tested
// with made-up time. Steady nanoseconds for durations, wall milliseconds for logs. Copied by value; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace gatehouse::runtime {

class Clock {
 public:
  using Source = std::uint64_t (*)();

  Clock() = default;
  Clock(Source steady, Source wall) : steady_(steady), wall_(wall) {}

  /// Nanoseconds on a scale that never goes back; its zero means nothing.
  std::uint64_t steady_ns() const noexcept { return steady_(); }
  /// Nanoseconds since 1970, UTC.
  std::uint64_t wall_ns() const noexcept { return wall_(); }

 private:
  static std::uint64_t read(clockid_t which) noexcept {
    timespec at{};
    ::clock_gettime(which, &at);
    return static_cast<std::uint64_t>(at.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(at.tv_nsec);
  }
  static std::uint64_t monotonic() noexcept { return read(CLOCK_MONOTONIC); }
  static std::uint64_t realtime() noexcept { return read(CLOCK_REALTIME); }

  Source steady_{&monotonic};
  Source wall_{&realtime};
};

}  // namespace gatehouse::runtime
