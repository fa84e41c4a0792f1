// Exposition: the whole answer to GET /metrics, and the only home of metric names. Counts come from the registry; what
// lives elsewhere (health, weights, dials, log drops) is asked for through collectors, which use the functions below so
// that names and labels stay here. Control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/observe/prometheus.hpp"
#include "gateway/observe/registry.hpp"

namespace gatehouse::observe {

struct EndpointGauge {
  std::string_view target_group;
  std::string_view endpoint;
  std::string_view region;
  std::string_view zone;
  bool healthy{false};
  std::uint32_t weight{0};  // in force
};
void write_endpoint_gauges(PrometheusText& out, std::span<const EndpointGauge> endpoints);

struct RegionGauge {
  std::string_view region;
  double traffic_dial{0};  // in force, 0-100
};
void write_region_gauges(PrometheusText& out, std::span<const RegionGauge> regions);

/// What the process counts on its control thread.
struct ProcessCounts {
  std::uint64_t reloads_ok{0};
  std::uint64_t reloads_failed{0};
  double last_reload_success_seconds{0};  // since 1970; the start counts
  std::uint64_t access_log_dropped{0};
  std::uint64_t access_log_write_errors{0};
  std::uint64_t waf_log_dropped{0};
};
void write_process_counts(PrometheusText& out, const ProcessCounts& counts);

void write_build_info(PrometheusText& out, std::string_view version, std::string_view compiler);

class Exposition {
 public:
  using Collector = std::function<void(PrometheusText&)>;

  explicit Exposition(const MetricsRegistry& registry) : registry_(registry) {}
  void add(Collector collector) { collectors_.push_back(std::move(collector)); }
  /// The page. Also reads /proc for the process_* family.
  std::string text() const;

 private:
  const MetricsRegistry& registry_;
  std::vector<Collector> collectors_;
};

/// All that the registry counts.
void write_registry(PrometheusText& out, const MetricsRegistry& registry);
/// process_cpu_seconds_total and the others by convention, from /proc/self.
void write_process(PrometheusText& out);

}  // namespace gatehouse::observe
