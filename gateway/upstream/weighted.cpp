#include "gateway/upstream/weighted.hpp"

namespace gatehouse::upstream {

Rotation::Rotation(std::size_t count, std::uint64_t seed) : slots_(count), skip_(count == 0 ? 0 : seed % count) {}

/// Takes over weights that changed. A candidate whose weight changed starts without credit or debt, or it could be
/// starved or flooded for as long as its old credit lasts; the credits of all are moved so that they even out around
/// zero, where the newcomer stands.
void Rotation::adjust() noexcept {
  std::int64_t sum = 0;
  std::int64_t serving = 0;
  total_ = 0;
  for (Slot& slot : slots_) {
    if (slot.weight != slot.next_weight) slot.credit = 0;
    slot.weight = slot.next_weight;
    total_ += slot.weight;
    if (slot.weight == 0) continue;
    sum += slot.credit;
    ++serving;
  }
  if (serving == 0) return;
  const std::int64_t mean = sum / serving;
  for (Slot& slot : slots_) {
    if (slot.weight != 0 && slot.credit != 0) slot.credit -= mean;
  }
  for (; skip_ != 0; --skip_) advance();
}

std::size_t Rotation::advance() noexcept {
  std::size_t best = no_candidate;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.weight == 0) continue;
    slot.credit += slot.weight;
    if (best == no_candidate || slot.credit > slots_[best].credit) best = i;
  }
  if (best != no_candidate) slots_[best].credit -= total_;
  return best;
}

std::size_t Rotation::best_beside(std::size_t excluded) noexcept {
  std::size_t best = no_candidate;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (i == excluded || slot.weight == 0) continue;
    if (best == no_candidate || slot.credit + slot.weight > slots_[best].credit + slots_[best].weight) best = i;
  }
  if (best != no_candidate) slots_[best].credit -= total_;
  return best;
}

std::size_t draw_weighted(std::span<const std::uint16_t> weights, std::uint64_t random) noexcept {
  return draw_weighted(
      weights.size(), [weights](std::size_t i) noexcept { return weights[i]; }, random);
}

}  // namespace gatehouse::upstream
