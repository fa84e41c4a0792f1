#include "gateway/observe/histogram.hpp"

#include <cmath>
#include <limits>

namespace gatehouse::observe {

void HistogramSum::add(const Histogram& other) noexcept {
  for (unsigned i = 0; i < histogram_buckets; ++i) buckets[i] += other.bucket(i);
  sum_ns += other.sum_ns();
}

void HistogramSum::add(const HistogramSum& other) noexcept {
  for (unsigned i = 0; i < histogram_buckets; ++i) buckets[i] += other.buckets[i];
  sum_ns += other.sum_ns;
}

std::uint64_t HistogramSum::count() const noexcept {
  std::uint64_t all = 0;
  for (const std::uint64_t n : buckets) all += n;
  return all;
}

double HistogramSum::quantile_seconds(double q) const noexcept {
  const std::uint64_t all = count();
  if (all == 0) return 0;
  const double wanted = q * static_cast<double>(all);
  double below = 0;
  for (unsigned i = 0; i + 1 < histogram_buckets; ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= wanted) {
      const double low = i == 0 ? 0 : static_cast<double>(histogram_edge_ns(i - 1));
      const auto high = static_cast<double>(histogram_edge_ns(i));
      return (low + (high - low) * ((wanted - below) / here)) * 1e-9;
    }
    below += here;
  }
  return static_cast<double>(histogram_edge_ns(histogram_buckets - 2)) * 1e-9;
}

std::array<CumulativeBucket, cumulative_buckets> cumulative(const HistogramSum& sum) noexcept {
  std::array<CumulativeBucket, cumulative_buckets> out{};
  std::uint64_t seen = 0;
  unsigned row = 0;
  for (unsigned i = 0; i < histogram_buckets; ++i) {
    seen += sum.buckets[i];
    const bool last = i + 1 == histogram_buckets;
    // Shown are the octaves' upper edges (bucket 0, 4, 8 ...), the highest finite edge, and infinity.
    if (i % 4 != 0 && i + 2 < histogram_buckets) continue;
    const double edge = last ? std::numeric_limits<double>::infinity() : static_cast<double>(histogram_edge_ns(i)) / 1e9;
    out[row++] = CumulativeBucket{edge, seen};
  }
  return out;
}

}  // namespace gatehouse::observe
