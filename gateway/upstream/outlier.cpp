#include "gateway/upstream/outlier.hpp"

#include <algorithm>

namespace gatehouse::upstream {

void OutlierRecord::forgive() noexcept {
  failures_.store(0, std::memory_order_relaxed);
  ejections_.store(0, std::memory_order_relaxed);
  ejected_until_ms_.store(0, std::memory_order_relaxed);
}

Outlier::Outlier(OutlierSettings settings, std::vector<const OutlierRecord*> members)
    : settings_(settings), members_(std::move(members)) {
  const std::uint64_t share = members_.size() * std::uint64_t{settings_.max_ejection_percent} / 100;
  ejected_max_ = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(share));
}

bool Outlier::failed(OutlierRecord& record, std::uint64_t now_ms) const noexcept {
  if (!settings_.enabled) return false;
  const std::uint32_t failures = record.failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  // An ejected one still sees the requests that were under way, and those of a group that fails open.
  if (failures < settings_.consecutive_failures || record.ejected(now_ms)) return false;
  // Another worker is deciding about this group: the next failure will come back to it.
  if (deciding_.test_and_set(std::memory_order_acquire)) return false;
  const bool done = eject(record, now_ms);
  deciding_.clear(std::memory_order_release);
  return done;
}

bool Outlier::eject(OutlierRecord& record, std::uint64_t now_ms) const noexcept {
  if (record.ejected(now_ms) || ejected(now_ms) >= ejected_max_) return false;
  const auto base = static_cast<std::uint64_t>(settings_.base_ejection_time.count());
  const auto longest = static_cast<std::uint64_t>(settings_.max_ejection_time.count());
  // "In a row" means that it did not hold out, after it was back, for as long as it had been away.
  const std::uint32_t before = record.ejections_.load(std::memory_order_relaxed);
  const std::uint64_t away = std::min(base * before, longest);
  const std::uint64_t back = record.ejected_until_ms_.load(std::memory_order_relaxed);
  const std::uint32_t in_a_row = now_ms < back + away ? before + 1 : 1;
  record.ejections_.store(in_a_row, std::memory_order_relaxed);
  record.ejections_total_.fetch_add(1, std::memory_order_relaxed);
  record.failures_.store(0, std::memory_order_relaxed);
  record.ejected_until_ms_.store(now_ms + std::min(base * in_a_row, longest), std::memory_order_relaxed);
  return true;
}

std::uint32_t Outlier::ejected(std::uint64_t now_ms) const noexcept {
  return static_cast<std::uint32_t>(std::count_if(
      members_.begin(), members_.end(), [now_ms](const OutlierRecord* record) { return record->ejected(now_ms); }));
}

}  // namespace gatehouse::upstream
