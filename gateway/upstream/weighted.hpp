// Weighted choice. Rotation is smooth weighted round robin: each pick adds every candidate's weight to its credit,
// takes the one with the most and makes it pay the sum of all weights, so that 5:1:1 gives a b a c a a a and not five a
// in a row, and every full cycle has exact shares. Candidates whose weight is 0 sit out. Weights may change between
// picks. draw_weighted() is the plain random choice among the target groups of a forward action. A Rotation belongs to
// one thread; nothing allocates after it is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::upstream {

inline constexpr std::size_t no_candidate = static_cast<std::size_t>(-1);

class Rotation {
 public:
  /// `seed` sets where it starts, so that the workers do not all begin with the same endpoint; 0 starts with the first.
  explicit Rotation(std::size_t count = 0, std::uint64_t seed = 0);

  std::size_t size() const noexcept { return slots_.size(); }

  /// The index that is next; `weight_of(i)` is the i-th candidate's weight now. no_candidate when all weights are 0.
  template <class WeightOf>
  std::size_t pick(WeightOf weight_of) noexcept {
    look_at(weight_of);
    return advance();
  }

  /// A second choice for a turn that `excluded` had and failed: the next in line beside it, which pays for the turn.
  /// The excluded one's own payment stays, or it would be first again at once.
  template <class WeightOf>
  std::size_t pick_beside(std::size_t excluded, WeightOf weight_of) noexcept {
    look_at(weight_of);
    return best_beside(excluded);
  }

 private:
  struct Slot {
    std::int64_t credit{0};
    std::int32_t weight{0};
    std::int32_t next_weight{0};
  };

  template <class WeightOf>
  void look_at(WeightOf weight_of) noexcept {
    bool changed = false;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto weight = static_cast<std::int32_t>(weight_of(i));
      changed |= weight != slots_[i].weight;
      slots_[i].next_weight = weight;
    }
    if (changed) adjust();
  }

  void adjust() noexcept;
  std::size_t best_beside(std::size_t excluded) noexcept;
  std::size_t advance() noexcept;

  std::vector<Slot> slots_;
  std::int64_t total_{0};
  std::uint64_t skip_;  // picks to make before the first
};

/// An index with probability weight / sum of weights; no_candidate when the sum is 0. There is no fail-over: a group
/// that cannot serve still gets its share, as with ALB.
template <class WeightOf>
std::size_t draw_weighted(std::size_t count, WeightOf weight_of, std::uint64_t random) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += weight_of(i);
  // The upper half of the product is uniform in [0, sum).
  auto at = static_cast<std::uint64_t>((static_cast<unsigned __int128>(random) * sum) >> 64);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t weight = weight_of(i);
    if (at < weight) return i;
    at -= weight;
  }
  return no_candidate;
}
std::size_t draw_weighted(std::span<const std::uint16_t> weights, std::uint64_t random) noexcept;

}  // namespace gatehouse::upstream
