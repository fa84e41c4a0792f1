#include "gateway/observe/registry.hpp"

#include <algorithm>

namespace gatehouse::observe {
namespace {

/// A limit that the tables can hold, and that leaves room for "other".
template <class Series>
std::uint32_t clamped(std::uint32_t limit) {
  return std::clamp<std::uint32_t>(limit, 1, SeriesTable<Series>::series_max);
}

/// The id of the labels; a new one is given only once every worker has room for it.
template <class Labels, class Table>
SeriesId place(SeriesIndex<Labels>& index, const Labels& labels, std::vector<std::unique_ptr<WorkerMetrics>>& workers,
               Table WorkerMetrics::*table) {
  const auto place = index.place(labels);
  if (place.added) {
    for (auto& worker : workers) (worker.get()->*table).grow(place.id);
  }
  return place.id;
}

void add_faults(std::vector<std::uint64_t>& sums, const FaultTable* table) {
  if (table == nullptr) return;
  sums.resize(fault_sides * fault_reasons_max);
  for (unsigned side = 0; side < fault_sides; ++side) {
    for (unsigned reason = 0; reason < fault_reasons_max; ++reason) {
      sums[side * fault_reasons_max + reason] += table->counts[side][reason].value();
    }
  }
}

}  // namespace

MetricsRegistry::MetricsRegistry(MetricNames names, MetricLimits limits)
    : names_(std::move(names)),
      listeners_("other", clamped<ListenerSeries>(limits.listeners)),
      routes_({"other", "other"}, clamped<RouteSeries>(limits.routes)),
      endpoints_({"other", "other", "other", "other"}, clamped<EndpointSeries>(limits.endpoints)),
      regions_({"other", "other"}, clamped<RegionSeries>(limits.regions)),
      web_acls_("other", clamped<WebAclSeries>(limits.web_acls)),
      waf_rules_({"other", "other"}, clamped<WafRuleSeries>(limits.waf_rules)) {}

WorkerMetrics& MetricsRegistry::add_worker() {
  auto worker = std::make_unique<WorkerMetrics>();
  for (SeriesId id = 0; id < listeners_.labels().size(); ++id) worker->listeners.grow(id);
  for (SeriesId id = 0; id < routes_.labels().size(); ++id) worker->routes.grow(id);
  for (SeriesId id = 0; id < endpoints_.labels().size(); ++id) worker->endpoints.grow(id);
  for (SeriesId id = 0; id < regions_.labels().size(); ++id) worker->regions.grow(id);
  for (SeriesId id = 0; id < web_acls_.labels().size(); ++id) worker->web_acls.grow(id);
  for (SeriesId id = 0; id < waf_rules_.labels().size(); ++id) worker->waf_rules.grow(id);
  workers_.push_back(std::move(worker));
  return *workers_.back();
}

SeriesId MetricsRegistry::listener(std::string_view name) {
  return place(listeners_, std::string(name), workers_, &WorkerMetrics::listeners);
}
SeriesId MetricsRegistry::route(const RouteLabels& labels) {
  return place(routes_, labels, workers_, &WorkerMetrics::routes);
}
SeriesId MetricsRegistry::endpoint(const EndpointLabels& labels) {
  return place(endpoints_, labels, workers_, &WorkerMetrics::endpoints);
}
SeriesId MetricsRegistry::region(const RegionLabels& labels) {
  return place(regions_, labels, workers_, &WorkerMetrics::regions);
}
SeriesId MetricsRegistry::web_acl(std::string_view name) {
  return place(web_acls_, std::string(name), workers_, &WorkerMetrics::web_acls);
}
SeriesId MetricsRegistry::waf_rule(const WafRuleLabels& labels) {
  return place(waf_rules_, labels, workers_, &WorkerMetrics::waf_rules);
}

ListenerSum MetricsRegistry::sum_listener(SeriesId id) const {
  ListenerSum sum;
  for (const auto& worker : workers_) {
    const ListenerSeries& series = worker->listeners.at(id);
    sum.closed += series.closed.value();  // before accepted, so that the difference is rarely below what is open
    sum.accepted += series.accepted.value();
    for (unsigned why = 0; why < rejections; ++why) sum.rejected[why] += series.rejected_count(static_cast<Rejection>(why));
    for (unsigned i = 0; i < handshake_results * tls_versions * 2; ++i) {
      const auto result = static_cast<HandshakeResult>(i / 2 / tls_versions);
      const auto version = static_cast<TlsVersion>(i / 2 % tls_versions);
      sum.handshakes[i / 2 / tls_versions][i / 2 % tls_versions][i % 2] +=
          series.handshake_count(result, version, i % 2 == 1);
    }
  }
  // The two are read at different moments and without order, so the difference may come out below zero.
  sum.active = sum.accepted > sum.closed ? sum.accepted - sum.closed : 0;
  return sum;
}

RouteSum MetricsRegistry::sum_route(SeriesId id) const {
  RouteSum sum;
  for (const auto& worker : workers_) {
    const RouteSeries& series = worker->routes.at(id);
    sum.requests.add(series.requests);
    sum.bytes_in += series.bytes_in.value();
    sum.bytes_out += series.bytes_out.value();
    sum.duration.add(series.duration);
    for (unsigned result = 0; result < cache_results_max; ++result) sum.cache[result] += series.cache[result].value();
    sum.bytes_cached += series.bytes_cached.value();
    add_faults(sum.faults, series.faults());
  }
  return sum;
}

EndpointSum MetricsRegistry::sum_endpoint(SeriesId id) const {
  EndpointSum sum;
  for (const auto& worker : workers_) {
    const EndpointSeries& series = worker->endpoints.at(id);
    sum.requests.add(series.requests);
    sum.response.add(series.response);
    sum.connects += series.connects.value();
    sum.connect_failures += series.connect_failures.value();
    sum.reused += series.reused.value();
    sum.retries += series.retries.value();
    sum.failures += series.failures.value();
    sum.bytes_sent += series.bytes_sent.value();
    sum.bytes_received += series.bytes_received.value();
    sum.active += series.active.value();
  }
  return sum;
}

RegionSum MetricsRegistry::sum_region(SeriesId id) const {
  RegionSum sum{};
  for (const auto& worker : workers_) {
    for (unsigned reason = 0; reason < region_reasons_max; ++reason) sum[reason] += worker->regions.at(id).count(reason);
  }
  return sum;
}

WebAclSum MetricsRegistry::sum_web_acl(SeriesId id) const {
  WebAclSum sum{};
  for (const auto& worker : workers_) {
    for (unsigned action = 0; action < waf_actions; ++action) {
      sum[action] += worker->web_acls.at(id).count(static_cast<WafAction>(action));
    }
  }
  return sum;
}

std::uint64_t MetricsRegistry::sum_waf_rule(SeriesId id) const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->waf_rules.at(id).matches.value();
  return sum;
}

std::uint64_t MetricsRegistry::requests_total() const {
  std::uint64_t all = 0;
  for (const auto& worker : workers_) {
    for (SeriesId id = 0; id < routes_.labels().size(); ++id) {
      StatusSum sum;
      sum.add(worker->routes.at(id).requests);
      all += sum.total();
    }
  }
  return all;
}

}  // namespace gatehouse::observe
