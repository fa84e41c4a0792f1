// MetricsRegistry: which labels have which series id, and the sum of all workers' counts. Owned by the process, used on
// the control thread only; workers see nothing of it but their WorkerMetrics and the ids in their snapshot.
//
//   MetricsRegistry registry(FaultNames(...), region_reasons);
//   WorkerMetrics& mine = registry.add_worker();                        // one per worker, lives as long as the registry
//   route.metrics_id = registry.route({"https", "10"});                 // while a snapshot is compiled
//
// The same labels always get the same id, so a series goes on across a reload. Series are not given back: what left the
// configuration keeps its last value until restart, and beyond a family's cap everything is counted as "other".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/observe/counters.hpp"

namespace gatehouse::observe {

struct RouteLabels {
  std::string listener;
  std::string route;  // "none" for requests that never got as far as a rule
  auto operator<=>(const RouteLabels&) const = default;
};

struct EndpointLabels {
  std::string target_group;
  std::string endpoint;
  std::string region;
  std::string zone;
  auto operator<=>(const EndpointLabels&) const = default;
};

struct RegionLabels {
  std::string target_group;
  std::string region;
  auto operator<=>(const RegionLabels&) const = default;
};

struct WafRuleLabels {
  std::string web_acl;
  std::string rule;
  auto operator<=>(const WafRuleLabels&) const = default;
};

/// Texts for numbers that belong to layers above; index = the enum's value.
struct MetricNames {
  std::vector<std::string> fault_reasons;   // exchange::Errc
  std::vector<std::string> fault_sides;     // exchange::Side
  std::vector<std::string> region_reasons;  // region::Reason
  std::vector<std::string> cache_results{};  // proxy::CacheResult
};

/// The most series a family may have, "other" included.
struct MetricLimits {
  std::uint32_t listeners{256};
  std::uint32_t routes{4096};
  std::uint32_t endpoints{4096};
  std::uint32_t regions{1024};
  std::uint32_t web_acls{64};
  std::uint32_t waf_rules{4096};
};

/// One listener's counts over all workers.
struct ListenerSum {
  std::uint64_t accepted{0};
  std::uint64_t closed{0};
  std::uint64_t active{0};
  std::array<std::uint64_t, rejections> rejected{};
  std::uint64_t handshakes[handshake_results][tls_versions][2]{};
};

struct RouteSum {
  StatusSum requests;
  std::uint64_t bytes_in{0};
  std::uint64_t bytes_out{0};
  HistogramSum duration;
  std::array<std::uint64_t, cache_results_max> cache{};  // proxy::CacheResult
  std::uint64_t bytes_cached{0};
  std::vector<std::uint64_t> faults;  // side * fault_reasons_max + reason; empty while there was none
};

struct EndpointSum {
  StatusSum requests;
  HistogramSum response;
  std::uint64_t connects{0};
  std::uint64_t connect_failures{0};
  std::uint64_t reused{0};
  std::uint64_t retries{0};
  std::uint64_t failures{0};
  std::uint64_t bytes_sent{0};
  std::uint64_t bytes_received{0};
  std::int64_t active{0};
};

using RegionSum = std::array<std::uint64_t, region_reasons_max>;
using WebAclSum = std::array<std::uint64_t, waf_actions>;  // by WafAction

/// The labels of one family: ids in order of first use.
template <class Labels>
class SeriesIndex {
 public:
  SeriesIndex(Labels other, std::uint32_t limit) : limit_(limit) { insert(std::move(other)); }

  /// Known labels: their id. New ones: the next id, or nothing beyond the limit.
  struct Place {
    SeriesId id{series_other};
    bool added{false};
  };
  Place place(const Labels& labels) {
    const auto found = ids_.find(labels);
    if (found != ids_.end()) return Place{found->second, false};
    if (labels_.size() >= limit_) return Place{series_other, false};
    return Place{insert(labels), true};
  }
  const std::vector<Labels>& labels() const noexcept { return labels_; }
  /// The id of known labels, else of "other".
  SeriesId find(const Labels& labels) const {
    const auto found = ids_.find(labels);
    return found == ids_.end() ? series_other : found->second;
  }

 private:
  SeriesId insert(Labels labels) {
    const auto id = static_cast<SeriesId>(labels_.size());
    ids_.emplace(labels, id);
    labels_.push_back(std::move(labels));
    return id;
  }

  std::uint32_t limit_;
  std::map<Labels, SeriesId> ids_;
  std::vector<Labels> labels_;
};

class MetricsRegistry {
 public:
  explicit MetricsRegistry(MetricNames names, MetricLimits limits = MetricLimits());

  /// A worker's own counters, at a fixed place for the registry's life.
  WorkerMetrics& add_worker();

  SeriesId listener(std::string_view name);
  SeriesId route(const RouteLabels& labels);
  SeriesId endpoint(const EndpointLabels& labels);
  SeriesId region(const RegionLabels& labels);
  SeriesId web_acl(std::string_view name);
  SeriesId waf_rule(const WafRuleLabels& labels);

  // Reading.
  const MetricNames& names() const noexcept { return names_; }
  const SeriesIndex<std::string>& listeners() const noexcept { return listeners_; }
  const SeriesIndex<RouteLabels>& routes() const noexcept { return routes_; }
  const SeriesIndex<EndpointLabels>& endpoints() const noexcept { return endpoints_; }
  const SeriesIndex<RegionLabels>& regions() const noexcept { return regions_; }
  const SeriesIndex<std::string>& web_acls() const noexcept { return web_acls_; }
  const SeriesIndex<WafRuleLabels>& waf_rules() const noexcept { return waf_rules_; }

  ListenerSum sum_listener(SeriesId id) const;
  RouteSum sum_route(SeriesId id) const;
  EndpointSum sum_endpoint(SeriesId id) const;
  RegionSum sum_region(SeriesId id) const;
  WebAclSum sum_web_acl(SeriesId id) const;
  std::uint64_t sum_waf_rule(SeriesId id) const;
  /// Requests finished since the start, all routes. For a rate, take the difference of two calls.
  std::uint64_t requests_total() const;

 private:
  MetricNames names_;
  std::vector<std::unique_ptr<WorkerMetrics>> workers_;
  SeriesIndex<std::string> listeners_;
  SeriesIndex<RouteLabels> routes_;
  SeriesIndex<EndpointLabels> endpoints_;
  SeriesIndex<RegionLabels> regions_;
  SeriesIndex<std::string> web_acls_;
  SeriesIndex<WafRuleLabels> waf_rules_;
};

}  // namespace gatehouse::observe
