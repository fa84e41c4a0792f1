#include "bench/cache/trace.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_set>

#include "gateway/runtime/random.hpp"

namespace gatehouse::bench {
namespace {

using runtime::Random;

double uniform(Random& random) { return static_cast<double>(random.next() >> 11) * 0x1p-53; }

/// Ranks 0 .. n-1 with weights 1 / (rank + 1)^s, by inverting their sums.
class Zipf {
 public:
  Zipf(std::uint32_t n, double s) : sums_(n) {
    double sum = 0;
    for (std::uint32_t i = 0; i < n; ++i) sums_[i] = sum += std::pow(i + 1, -s);
  }
  std::uint32_t draw(Random& random) const {
    const double at = uniform(random) * sums_.back();
    return static_cast<std::uint32_t>(std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

/// An object's size follows from its number, so that it is the same each time.
std::uint32_t size_of(const TraceShape& shape, std::uint64_t object) {
  Random random(object * 0x9e3779b97f4a7c15u + shape.seed);
  const double radius = std::sqrt(-2 * std::log(1 - uniform(random)));
  const double normal = radius * std::cos(2 * std::numbers::pi * uniform(random));
  const double size = shape.size_median * std::exp(shape.size_sigma * normal);
  return static_cast<std::uint32_t>(std::clamp(size, 64.0, static_cast<double>(shape.size_max)));
}

// Objects of each kind have numbers of their own.
constexpr std::uint64_t one_hits = std::uint64_t{1} << 40;
constexpr std::uint64_t drifting = std::uint64_t{2} << 40;
constexpr std::uint64_t scanned = std::uint64_t{3} << 40;

}  // namespace

std::vector<Access> make_trace(const TraceShape& shape) {
  Random random(shape.seed);
  const Zipf popular(shape.objects, shape.zipf);
  const std::uint32_t window = shape.objects / 20;
  const Zipf within(window, shape.zipf);
  std::vector<Access> trace;
  trace.reserve(shape.requests);
  std::uint64_t single = 0, scan_left = 0, scan_at = 0;
  while (trace.size() < shape.requests) {
    const double kind = uniform(random);
    std::uint64_t object = 0;
    if (scan_left > 0) {
      --scan_left;
      object = scanned + scan_at++ % shape.objects;
    } else if (kind < shape.scan / shape.scan_length) {
      scan_left = shape.scan_length;
      continue;
    } else if (kind < shape.one_hit) {
      object = one_hits + single++;
    } else if (kind < shape.one_hit + shape.drift) {
      // A window of young objects moves on: each is popular for a while and then never asked for again.
      const std::uint64_t front = trace.size() * shape.objects / shape.requests;
      object = drifting + window + front - within.draw(random);
    } else {
      object = popular.draw(random);
    }
    trace.push_back({object, size_of(shape, object)});
  }
  return trace;
}

std::uint64_t footprint(const std::vector<Access>& trace) {
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t bytes = 0;
  for (const Access& access : trace) {
    if (seen.insert(access.object).second) bytes += access.size;
  }
  return bytes;
}

}  // namespace gatehouse::bench
