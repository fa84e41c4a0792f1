// Outlier detection: ejects an endpoint on what real traffic sees, between active probes. After a number of failures in
// a row it gets no traffic for a while, longer each time it is ejected again soon after, and never more than a share of
// the group at once. Fed with events and time by all workers; a success costs one relaxed load while nothing failed.
// Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace gatehouse::upstream {

/// What is remembered of one endpoint. Shared by all workers.
class OutlierRecord {
 public:
  bool ejected(std::uint64_t now_ms) const noexcept {
    return ejected_until_ms_.load(std::memory_order_relaxed) > now_ms;
  }
  /// Steady milliseconds; 0: never ejected.
  std::uint64_t ejected_until_ms() const noexcept { return ejected_until_ms_.load(std::memory_order_relaxed); }
  std::uint32_t failures_in_a_row() const noexcept { return failures_.load(std::memory_order_relaxed); }
  std::uint32_t ejections_in_a_row() const noexcept { return ejections_.load(std::memory_order_relaxed); }
  std::uint64_t ejections_total() const noexcept { return ejections_total_.load(std::memory_order_relaxed); }
  void forgive() noexcept;

 private:
  friend class Outlier;
  std::atomic<std::uint64_t> ejected_until_ms_{0};
  std::atomic<std::uint64_t> ejections_total_{0};
  std::atomic<std::uint32_t> failures_{0};
  std::atomic<std::uint32_t> ejections_{0};  // each soon after the one before
};

struct OutlierSettings {
  bool enabled{true};
  std::uint32_t consecutive_failures{5};
  std::chrono::milliseconds base_ejection_time{10'000};
  std::chrono::milliseconds max_ejection_time{300'000};
  std::uint32_t max_ejection_percent{50};
};

class Outlier {
 public:
  /// `members` are the group's endpoints; they outlive this.
  Outlier(OutlierSettings settings, std::vector<const OutlierRecord*> members);

  /// A request to it failed: no connection, reset, timeout, 502, 503 or 504. True when that ejected it.
  bool failed(OutlierRecord& record, std::uint64_t now_ms) const noexcept;
  /// A request to it was answered.
  void succeeded(OutlierRecord& record) const noexcept {
    if (record.failures_.load(std::memory_order_relaxed) != 0) record.failures_.store(0, std::memory_order_relaxed);
  }
  /// How many of the group are ejected now.
  std::uint32_t ejected(std::uint64_t now_ms) const noexcept;

 private:
  bool eject(OutlierRecord& record, std::uint64_t now_ms) const noexcept;

  OutlierSettings settings_;
  std::vector<const OutlierRecord*> members_;
  std::uint32_t ejected_max_;
  mutable std::atomic_flag deciding_;  // one worker at a time counts and ejects; another one lets it be
};

}  // namespace gatehouse::upstream
