#include "gateway/admin/gateway_control.hpp"

#include <unistd.h>

#include "gatehouse/config/describe.hpp"
#include "gateway/observe/exposition.hpp"
#include "gateway/runtime/version.hpp"

namespace gatehouse::admin {
namespace {

using std::chrono::steady_clock;

std::uint64_t wall_seconds() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count());
}

std::string_view state_name(const upstream::EndpointState& endpoint) {
  if (endpoint.draining()) return "draining";
  const upstream::Health health = endpoint.health();
  return health == upstream::Health::unavailable ? "unchecked" : upstream::health_name(health);
}

}  // namespace

GatewayControl::GatewayControl(proxy::Gateway& gateway, std::string config_file, Reload reload, std::function<void()> drain)
    : gateway_(gateway),
      config_file_(std::move(config_file)),
      reload_(std::move(reload)),
      drain_(std::move(drain)),
      exposition_(gateway.metrics()),
      started_at_(wall_seconds()),
      started_(steady_clock::now()),
      config_loaded_at_(started_at_),
      rate_since_(started_) {
  exposition_.add([this](observe::PrometheusText& out) { collect(out); });
}

void GatewayControl::reloaded(const ReloadResult& result) {
  ReloadView view;
  view.ok = result.ok;
  view.at = wall_seconds();
  view.message = result.problems_text;
  if (result.ok) config_loaded_at_ = view.at;
  ++(result.ok ? reloads_ok_ : reloads_failed_);
  last_reload_ = std::move(view);
}

Readiness GatewayControl::readiness() {
  if (gateway_.draining()) return Readiness{false, "draining"};
  return Readiness{};
}

Status GatewayControl::status() {
  Status status;
  status.version = runtime::version;
  status.pid = ::getpid();
  status.started_at = started_at_;
  status.uptime_seconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - started_).count());
  status.workers = gateway_.workers();
  status.generation = gateway_.snapshot().generation;
  status.config_file = config_file_;
  status.config_loaded_at = config_loaded_at_;
  status.last_reload = last_reload_;
  status.ready = !gateway_.draining();
  status.draining = gateway_.draining();
  observe::MetricsRegistry& metrics = gateway_.metrics();
  status.requests_total = metrics.requests_total();
  status.requests_per_second = requests_per_second(status.requests_total);
  status.connections_active = gateway_.connections();
  observe::HistogramSum durations;
  for (observe::SeriesId id = 0; id < metrics.routes().labels().size(); ++id) durations.add(metrics.sum_route(id).duration);
  status.duration_p50_seconds = durations.quantile_seconds(0.5);
  status.duration_p99_seconds = durations.quantile_seconds(0.99);
  status.access_log_dropped = gateway_.log_writer().dropped();
  for (const auto& listener : gateway_.snapshot().listeners) {
    const auto bound = gateway_.listening().find(listener->config->name);
    const observe::ListenerSum sum = metrics.sum_listener(listener->series);
    char room[net::Address::text_max];
    ListenerView view;
    view.name = listener->config->name;
    view.address = bound == gateway_.listening().end() ? listener->config->address : std::string(bound->second.address.write(room));
    view.protocol = listener->config->protocol == config::ListenerProtocol::https ? "HTTPS" : "HTTP";
    view.connections_active = sum.active;
    view.connections_total = sum.accepted;
    status.listeners.push_back(std::move(view));
  }
  return status;
}

/// The rate since the last look, when that is not too recent to mean anything.
double GatewayControl::requests_per_second(std::uint64_t total) {
  const double seconds = std::chrono::duration<double>(steady_clock::now() - rate_since_).count();
  if (seconds >= 0.5) {
    rate_ = static_cast<double>(total - rate_total_) / seconds;
    rate_total_ = total;
    rate_since_ = steady_clock::now();
  }
  return rate_;
}

EndpointView GatewayControl::view(const upstream::EndpointState& endpoint, std::uint64_t now_ms) const {
  EndpointView view;
  view.address = endpoint.address_text();
  view.region = endpoint.region();
  view.zone = endpoint.zone();
  view.weight = endpoint.weight();
  view.configured_weight = endpoint.configured_weight();
  if (endpoint.weight_overridden()) view.weight_override = endpoint.weight();
  view.state = state_name(endpoint);
  view.reason = upstream::health_reason_code(endpoint.health_report().reason);
  view.healthy = endpoint.health() != upstream::Health::unhealthy;
  view.ejected = endpoint.ejected(now_ms);
  view.draining = endpoint.draining();
  view.active = endpoint.active_requests();
  const observe::EndpointSum sum = gateway_.metrics().sum_endpoint(endpoint.series());
  view.requests = sum.requests.total() + sum.failures;
  return view;
}

std::vector<TargetGroupView> GatewayControl::target_groups() {
  std::vector<TargetGroupView> views;
  const std::uint64_t now_ms = steady_ms();
  for (const auto& compiled : gateway_.snapshot().groups) {
    const upstream::Group& group = compiled->group;
    TargetGroupView view;
    view.name = group.name();
    view.protocol = group.config().protocol == config::TargetProtocol::https ? "HTTPS" : "HTTP";
    view.algorithm = "round_robin";
    view.failing_open = !group.endpoints().empty() && !group.usable(now_ms);
    for (const upstream::EndpointState* endpoint : group.endpoints()) view.endpoints.push_back(this->view(*endpoint, now_ms));
    views.push_back(std::move(view));
  }
  return views;
}

RegionView GatewayControl::view(const region::RegionState& region) const {
  RegionView view;
  view.name = region.name();
  view.traffic_dial = region.dial();
  view.configured_dial = region.configured_dial();
  if (region.overridden()) view.dial_override = region.dial();
  const std::uint64_t now_ms = steady_ms();
  for (const auto& compiled : gateway_.snapshot().groups) {
    for (const upstream::EndpointState* endpoint : compiled->group.endpoints()) {
      if (endpoint->region() != region.name()) continue;
      ++view.endpoints;
      if (endpoint->usable(now_ms)) ++view.healthy_endpoints;
    }
  }
  return view;
}

std::vector<RegionView> GatewayControl::regions() {
  std::vector<RegionView> views;
  for (const region::RegionState* region : gateway_.snapshot().regions) views.push_back(view(*region));
  return views;
}

std::string GatewayControl::metrics_text() { return exposition_.text(); }

std::string GatewayControl::config_json() { return config::to_json(gateway_.snapshot().config); }

std::optional<RegionView> GatewayControl::set_dial(std::string_view name, const DialChange& change) {
  for (region::RegionState* region : gateway_.snapshot().regions) {
    if (region->name() != name) continue;
    change.traffic_dial ? region->turn(*change.traffic_dial) : region->reset();
    return view(*region);
  }
  return std::nullopt;
}

std::optional<EndpointView> GatewayControl::change_endpoint(std::string_view group, std::string_view address,
                                                            const EndpointChange& change) {
  upstream::EndpointState* const endpoint = gateway_.endpoints().find(group, address);
  if (endpoint == nullptr) return std::nullopt;
  if (change.clear_weight) endpoint->reset_weight();
  if (change.weight) endpoint->override_weight(*change.weight);
  if (change.draining) endpoint->set_draining(*change.draining);
  return view(*endpoint, steady_ms());
}

void GatewayControl::reload(std::function<void(ReloadResult)> done) { reload_(std::move(done)); }

DrainResult GatewayControl::drain() {
  DrainResult result;
  result.already = gateway_.draining();
  result.connections_active = gateway_.connections();
  result.timeout_ms = static_cast<std::uint64_t>(gateway_.snapshot().config.drain_timeout.count());
  drain_();
  return result;
}

void GatewayControl::collect(observe::PrometheusText& out) const {
  std::vector<observe::EndpointGauge> endpoints;
  for (const auto& compiled : gateway_.snapshot().groups) {
    for (const upstream::EndpointState* endpoint : compiled->group.endpoints()) {
      const bool healthy = endpoint->health() != upstream::Health::unhealthy;
      endpoints.push_back({endpoint->group(), endpoint->address_text(), endpoint->region(), endpoint->zone(), healthy, endpoint->weight()});
    }
  }
  observe::write_endpoint_gauges(out, endpoints);
  std::vector<observe::RegionGauge> regions;
  for (const region::RegionState* region : gateway_.snapshot().regions) regions.push_back({region->name(), region->dial()});
  observe::write_region_gauges(out, regions);
  collect_cache(out);
  observe::ProcessCounts counts;
  counts.reloads_ok = reloads_ok_;
  counts.reloads_failed = reloads_failed_;
  counts.last_reload_success_seconds = static_cast<double>(config_loaded_at_);
  counts.access_log_dropped = gateway_.log_writer().dropped();
  counts.waf_log_dropped = gateway_.waf_log_writer().dropped();
  counts.access_log_write_errors = gateway_.log_writer().write_errors();
  observe::write_process_counts(out, counts);
  observe::write_build_info(out, runtime::version, runtime::compiler);
}

}  // namespace gatehouse::admin
