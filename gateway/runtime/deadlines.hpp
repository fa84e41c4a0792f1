// Deadlines: coarse time limits without a timer per operation. Each connection owns one Deadline; arming it is a store,
// and the worker's tick (every 250 ms) looks at each about once a second. When one is due its action runs (as a rule it
// shuts the socket down, which ends the wait) and `expired()` tells the coroutine why. A limit fires up to one tick
// late, never early. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace gatehouse::runtime {

class Deadlines;

class Deadline {
 public:
  using Action = void (*)(void*) noexcept;

  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { detach(); }

  /// Registers with the worker's wheel; `action(context)` runs when a limit is reached.
  void attach(Deadlines& wheel, Action action, void* context) noexcept;
  void detach() noexcept;

  /// From now on the limit is `limit` away. Zero or less: no limit.
  void arm(std::chrono::milliseconds limit) noexcept;
  void disarm() noexcept { due_ = 0; }
  /// Whether the limit was reached since the last arm().
  bool expired() const noexcept { return expired_; }

 private:
  friend class Deadlines;
  Deadline** previous_{nullptr};  // who points at this one; null: not in a list
  Deadline* next_{nullptr};
  Deadlines* wheel_{nullptr};
  Action action_{nullptr};
  void* context_{nullptr};
  std::uint32_t due_{0};      // tick; 0: not armed
  std::uint32_t visited_{0};  // tick at which the wheel looks again
  bool expired_{false};
};

class Deadlines {
 public:
  static constexpr std::chrono::milliseconds tick_length{250};

  /// Time moves on by one tick: runs the actions that are due.
  void tick() noexcept;
  std::uint32_t now() const noexcept { return now_; }

 private:
  friend class Deadline;
  static constexpr std::uint32_t slots = 8;
  static constexpr std::uint32_t stride = 4;  // ticks between two looks at a deadline that is far away

  void link(Deadline& deadline, std::uint32_t at) noexcept;
  static void unlink(Deadline& deadline) noexcept;

  std::array<Deadline*, slots> wheel_{};
  std::uint32_t now_{1};
};

}  // namespace gatehouse::runtime
