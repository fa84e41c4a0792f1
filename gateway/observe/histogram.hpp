// Histogram: how long things took, in fixed log-linear buckets, one writer and any readers.
//
// Every factor of two is an octave, cut into four equal parts. The upper edges are 50 us, and then for octave k = 0..19
// and part j = 1..4:  50 us * 2^k * (1 + j/4), that is 62.5 us, 75 us, 87.5 us, 100 us, 125 us ... 52.4288 s; one more
// edge at 65.536 s, so that what ended by a 60 s timeout is in a finite bucket, and one bucket for all above. An edge
// belongs to the bucket below it, as Prometheus' `le` asks. A quantile read from it is off by at most a quarter, by an
// eighth on average. Prometheus is shown the octaves' edges only (22 instead of 83 lines a series); they are a subset,
// so nothing is estimated.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "gateway/observe/counter.hpp"

namespace gatehouse::observe {

inline constexpr std::uint64_t histogram_unit_ns = 12'500;  // a quarter of the lowest edge: the narrowest bucket
inline constexpr unsigned histogram_octaves = 20;
inline constexpr unsigned histogram_buckets = 1 + histogram_octaves * 4 + 1 + 1;

/// The bucket a duration belongs to.
constexpr unsigned histogram_bucket(std::uint64_t ns) noexcept {
  // One nanosecond less puts a value that equals an edge below it.
  const std::uint64_t units = (ns - (ns != 0)) / histogram_unit_ns;
  if (units < 4) return 0;
  const unsigned octave = static_cast<unsigned>(std::bit_width(units)) - 3;
  const unsigned bucket = 1 + octave * 4 + static_cast<unsigned>((units >> octave) & 3);
  return bucket < histogram_buckets - 1 ? bucket : histogram_buckets - 1;
}

/// The upper edge of a bucket, which belongs to it. Not for the last one, which has none.
constexpr std::uint64_t histogram_edge_ns(unsigned bucket) noexcept {
  if (bucket == 0) return 4 * histogram_unit_ns;
  const unsigned octave = (bucket - 1) / 4;
  const unsigned part = (bucket - 1) % 4 + 1;
  return (histogram_unit_ns << octave) * (4 + part);
}

class Histogram {
 public:
  void record(std::uint64_t ns) noexcept {
    buckets_[histogram_bucket(ns)].add();
    sum_ns_.add(ns);
  }
  std::uint64_t bucket(unsigned index) const noexcept { return buckets_[index].value(); }
  std::uint64_t sum_ns() const noexcept { return sum_ns_.value(); }

 private:
  std::array<Counter, histogram_buckets> buckets_;
  Counter sum_ns_;
};

/// The sum of several histograms at one moment; a plain value.
struct HistogramSum {
  std::array<std::uint64_t, histogram_buckets> buckets{};
  std::uint64_t sum_ns{0};

  void add(const Histogram& other) noexcept;
  void add(const HistogramSum& other) noexcept;
  std::uint64_t count() const noexcept;
  /// The duration that a share q (0..1) of all did not exceed, interpolated inside its bucket; 0 when empty, the
  /// highest finite edge when beyond it.
  double quantile_seconds(double q) const noexcept;
};

/// One line of a cumulative histogram as Prometheus wants it: how many took at most le_seconds. The last is +Inf.
struct CumulativeBucket {
  double le_seconds{0};
  std::uint64_t count{0};
};
inline constexpr unsigned cumulative_buckets = 1 + histogram_octaves + 1 + 1;
std::array<CumulativeBucket, cumulative_buckets> cumulative(const HistogramSum& sum) noexcept;

}  // namespace gatehouse::observe
