// Which region a new client connection goes to: proximity first, then each region's traffic dial, then health, as AWS
// Global Accelerator does it. Pure: the caller brings dials, health and a random number.
//
// The regions that have endpoints of the target group stand in order of proximity. The nearest takes the connection
// with the probability of its dial; the rest is passed on to the next, where the same draw is made with that one's
// dial, and so on. What all of them turn away is not dropped: it goes to the nearest healthy region with a dial above
// 0, or, if all dials are 0, to the nearest healthy one. If the region so chosen has no healthy endpoint, the three
// nearest are tried in order, whatever their dials. If none of these is healthy either, the connection goes to the
// nearest region all the same (fail open).
//
// With dials d1, d2 the nearest of two healthy regions serves d1 + (1-d1)(1-d2) of its clients and the other the rest.
// AWS does not publish who takes the remainder (1-d1)(1-d2); this choice keeps it near.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::region {

/// Why a connection went where it did. The names are metric labels and log values.
enum class Reason : std::uint8_t { nearest, dial_spill, failover, fail_open };
inline constexpr unsigned reasons = 4;
/// "NEAREST", "DIAL_SPILL", "FAILOVER", "FAIL_OPEN".
std::string_view reason_name(Reason reason) noexcept;

/// What a region has to offer for one target group.
enum class Standing : std::uint8_t {
  absent,     // no endpoint registered: as if the region did not exist
  unhealthy,  // none that is healthy and has a weight above 0
  healthy,
};

struct Candidate {
  double dial{100};  // percent
  Standing standing{Standing::healthy};
};

inline constexpr std::uint16_t no_region = 0xffff;

struct Choice {
  std::uint16_t region{no_region};  // index; no_region when all are absent
  Reason reason{Reason::nearest};
};

/// How many of the nearest regions a failover tries.
inline constexpr std::size_t failover_tries = 3;

namespace detail {

/// The walk down the regions with one random number; `at(i)` is asked lazily, for most connections only for i = 0.
template <class CandidateAt>
class Walk {
 public:
  Walk(std::size_t count, CandidateAt& at) noexcept : count_(count), at_(at) {}

  Choice choose(std::uint64_t random) const noexcept {
    // 53 random bits make a number in [0, 1).
    const double draw = static_cast<double>(random >> 11) * 0x1p-53;
    double passed_on = 1;  // share of the connections that nearer regions turned away
    double taken = 0;
    std::size_t nearest = count_;
    for (std::size_t i = 0; i < count_; ++i) {
      const Candidate candidate = at_(i);
      if (candidate.standing == Standing::absent) continue;
      if (nearest == count_) nearest = i;
      const double share = passed_on * candidate.dial / 100;
      if (candidate.dial >= 100 || draw < taken + share) {
        if (candidate.standing == Standing::healthy) return arrived(i, nearest, Reason::dial_spill);
        return fail_over(nearest);
      }
      taken += share;
      passed_on -= share;
    }
    return nearest == count_ ? Choice{} : remainder(nearest);
  }

 private:
  static Choice arrived(std::size_t i, std::size_t nearest, Reason otherwise) noexcept {
    return Choice{static_cast<std::uint16_t>(i), i == nearest ? Reason::nearest : otherwise};
  }

  /// Every region turned the connection away by its dial.
  Choice remainder(std::size_t nearest) const noexcept {
    std::size_t first_healthy = count_;
    for (std::size_t i = nearest; i < count_; ++i) {
      const Candidate candidate = at_(i);
      if (candidate.standing != Standing::healthy) continue;
      if (candidate.dial > 0) return arrived(i, nearest, Reason::dial_spill);
      if (first_healthy == count_) first_healthy = i;
    }
    return first_healthy == nearest ? arrived(nearest, nearest, Reason::nearest) : fail_over(nearest);
  }

  Choice fail_over(std::size_t nearest) const noexcept {
    std::size_t tried = 0;
    for (std::size_t i = nearest; i < count_ && tried < failover_tries; ++i) {
      const Standing standing = at_(i).standing;
      if (standing == Standing::absent) continue;
      if (standing == Standing::healthy) return Choice{static_cast<std::uint16_t>(i), Reason::failover};
      ++tried;
    }
    return Choice{static_cast<std::uint16_t>(nearest), Reason::fail_open};
  }

  std::size_t count_;
  CandidateAt& at_;
};

}  // namespace detail

/// Chooses among `count` regions in order of proximity; `at(i)` gives the Candidate of the i-th.
template <class CandidateAt>
Choice choose_region(std::size_t count, CandidateAt at, std::uint64_t random) noexcept {
  return detail::Walk<CandidateAt>(count, at).choose(random);
}

/// The same over a list.
Choice choose_region(std::span<const Candidate> by_proximity, std::uint64_t random) noexcept;

}  // namespace gatehouse::region
