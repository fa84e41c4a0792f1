// A made-up trace of requests like a CDN's: a catalogue with Zipf popularity, objects that are asked for once, a catalogue
// that drifts, and scans. Sizes are log-normal. The same seed gives the same trace. One thread.
#pragma once

#include <cstdint>
#include <vector>

namespace gatehouse::bench {

struct TraceShape {
  std::uint64_t requests{4'000'000};
  std::uint32_t objects{400'000};   // of the catalogue
  double zipf{0.9};
  double one_hit{0.15};             // parts of the requests
  double drift{0.15};
  double scan{0.05};
  std::uint32_t scan_length{2000};  // requests in a row
  std::uint32_t size_median{8192};
  double size_sigma{1.8};           // of the logarithm
  std::uint32_t size_max{64u << 20};
  std::uint64_t seed{1};
};

struct Access {
  std::uint64_t object;
  std::uint32_t size;
};

std::vector<Access> make_trace(const TraceShape& shape);

/// What all objects of a trace take together.
std::uint64_t footprint(const std::vector<Access>& trace);

}  // namespace gatehouse::bench
