#include "gateway/observe/exposition.hpp"

#include <array>

namespace gatehouse::observe {
namespace {

constexpr std::array<std::string_view, rejections> rejection_names{"connection_limit", "client_limit", "draining",
                                                                   "out_of_memory"};
constexpr std::array<std::string_view, handshake_results> handshake_names{"ok", "failed", "timeout"};
constexpr std::array<std::string_view, tls_versions> version_names{"unknown", "TLSv1.2", "TLSv1.3"};

std::string_view name_of(const std::vector<std::string>& names, std::size_t index) {
  return index < names.size() ? std::string_view(names[index]) : std::string_view("unknown");
}

void write_listeners(PrometheusText& out, const MetricsRegistry& registry) {
  const auto& names = registry.listeners().labels();
  std::vector<ListenerSum> sums;
  for (SeriesId id = 0; id < names.size(); ++id) sums.push_back(registry.sum_listener(id));
  const auto shown = [&](SeriesId id) { return id != series_other || sums[id].accepted != 0; };

  out.family("gatehouse_connections_accepted_total", "Client connections taken into service.", MetricType::counter);
  for (SeriesId id = 0; id < names.size(); ++id) {
    if (shown(id)) out.sample({{"listener", names[id]}}, sums[id].accepted);
  }
  out.family("gatehouse_connections_active", "Client connections open.", MetricType::gauge);
  for (SeriesId id = 0; id < names.size(); ++id) {
    if (shown(id)) out.sample({{"listener", names[id]}}, sums[id].active);
  }
  out.family("gatehouse_connections_rejected_total", "Client connections closed at accept.", MetricType::counter);
  for (SeriesId id = 0; id < names.size(); ++id) {
    for (unsigned why = 0; why < rejections; ++why) {
      if (sums[id].rejected[why] == 0) continue;
      out.sample({{"listener", names[id]}, {"reason", rejection_names[why]}}, sums[id].rejected[why]);
    }
  }
  out.family("gatehouse_tls_handshakes_total", "TLS handshakes with clients.", MetricType::counter);
  for (SeriesId id = 0; id < names.size(); ++id) {
    for (unsigned i = 0; i < handshake_results * tls_versions * 2; ++i) {
      const unsigned result = i / 2 / tls_versions;
      const unsigned version = i / 2 % tls_versions;
      const std::uint64_t count = sums[id].handshakes[result][version][i % 2];
      if (count == 0) continue;
      out.sample({{"listener", names[id]}, {"result", handshake_names[result]}, {"version", version_names[version]},
                  {"resumed", i % 2 == 1 ? "true" : "false"}}, count);
    }
  }
}

void write_faults(PrometheusText& out, const MetricsRegistry& registry, const std::vector<RouteSum>& sums) {
  out.family("gatehouse_faults_total", "Exchanges that did not end well, by what went wrong and on whose side.",
             MetricType::counter);
  for (SeriesId id = 0; id < sums.size(); ++id) {
    const RouteLabels& labels = registry.routes().labels()[id];
    for (std::size_t i = 0; i < sums[id].faults.size(); ++i) {
      if (sums[id].faults[i] == 0) continue;
      out.sample({{"reason", name_of(registry.names().fault_reasons, i % fault_reasons_max)},
                  {"side", name_of(registry.names().fault_sides, i / fault_reasons_max)},
                  {"listener", labels.listener}, {"route", labels.route}}, sums[id].faults[i]);
    }
  }
}

void write_cache(PrometheusText& out, const MetricsRegistry& registry, const std::vector<RouteSum>& sums) {
  const auto& all = registry.routes().labels();
  out.family("gatehouse_cache_requests_total", "Requests of routes with a cache, by what the cache did.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    for (unsigned result = 1; result < cache_results_max; ++result) {
      if (sums[id].cache[result] == 0) continue;
      out.sample({{"listener", all[id].listener}, {"route", all[id].route},
                  {"result", name_of(registry.names().cache_results, result)}}, sums[id].cache[result]);
    }
  }
  out.family("gatehouse_cache_response_bytes_total", "Bytes sent to clients that no origin had to send.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (sums[id].bytes_cached == 0) continue;
    out.sample({{"listener", all[id].listener}, {"route", all[id].route}}, sums[id].bytes_cached);
  }
}

void write_routes(PrometheusText& out, const MetricsRegistry& registry) {
  const auto& all = registry.routes().labels();
  std::vector<RouteSum> sums;
  for (SeriesId id = 0; id < all.size(); ++id) sums.push_back(registry.sum_route(id));
  const auto shown = [&](SeriesId id) { return id != series_other || sums[id].requests.total() != 0; };

  out.family("gatehouse_requests_total", "Requests finished, by the status sent to the client.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    for (unsigned slot = 0; slot < status_slots; ++slot) {
      if (sums[id].requests.slots[slot] == 0) continue;
      out.sample({{"listener", all[id].listener}, {"route", all[id].route}, {"code", status_label(slot)}},
                 sums[id].requests.slots[slot]);
    }
  }
  out.family("gatehouse_request_duration_seconds", "From a request's first byte to its reply's last.",
             MetricType::histogram);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (shown(id)) out.histogram({{"listener", all[id].listener}, {"route", all[id].route}}, sums[id].duration);
  }
  out.family("gatehouse_request_bytes_total", "Bytes of heads and content received from clients.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (shown(id)) out.sample({{"listener", all[id].listener}, {"route", all[id].route}}, sums[id].bytes_in);
  }
  out.family("gatehouse_response_bytes_total", "Bytes of heads and content sent to clients.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (shown(id)) out.sample({{"listener", all[id].listener}, {"route", all[id].route}}, sums[id].bytes_out);
  }
  write_faults(out, registry, sums);
  write_cache(out, registry, sums);
}

/// A counter of endpoints: its name, what it says, and where it is in the sum.
struct EndpointFamily {
  std::string_view name;
  std::string_view help;
  std::uint64_t EndpointSum::*value;
};
constexpr EndpointFamily endpoint_families[]{
    {"gatehouse_upstream_connects_total", "Connections made to endpoints.", &EndpointSum::connects},
    {"gatehouse_upstream_connect_failures_total", "Connections to endpoints that failed.", &EndpointSum::connect_failures},
    {"gatehouse_upstream_connections_reused_total", "Requests sent on a pooled connection.", &EndpointSum::reused},
    {"gatehouse_upstream_retries_total", "Requests sent here after another attempt failed.", &EndpointSum::retries},
    {"gatehouse_upstream_failures_total", "Attempts that ended without a response head.", &EndpointSum::failures},
    {"gatehouse_upstream_sent_bytes_total", "Bytes sent to endpoints.", &EndpointSum::bytes_sent},
    {"gatehouse_upstream_received_bytes_total", "Bytes received from endpoints.", &EndpointSum::bytes_received},
};

void write_endpoints(PrometheusText& out, const MetricsRegistry& registry) {
  const auto& all = registry.endpoints().labels();
  std::vector<EndpointSum> sums;
  for (SeriesId id = 0; id < all.size(); ++id) sums.push_back(registry.sum_endpoint(id));
  const auto shown = [&](SeriesId id) {
    return id != series_other || sums[id].requests.total() + sums[id].connects + sums[id].connect_failures != 0;
  };

  out.family("gatehouse_upstream_requests_total", "Responses of endpoints by status.", MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    for (unsigned slot = 0; slot < status_slots; ++slot) {
      if (sums[id].requests.slots[slot] == 0) continue;
      out.sample({{"target_group", all[id].target_group}, {"endpoint", all[id].endpoint}, {"region", all[id].region},
                  {"zone", all[id].zone}, {"code", status_label(slot)}}, sums[id].requests.slots[slot]);
    }
  }
  out.family("gatehouse_upstream_response_seconds", "From a request sent to an endpoint to its response's head.",
             MetricType::histogram);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (!shown(id)) continue;
    out.histogram({{"target_group", all[id].target_group}, {"endpoint", all[id].endpoint}, {"region", all[id].region},
                   {"zone", all[id].zone}}, sums[id].response);
  }
  for (const EndpointFamily& family : endpoint_families) {
    out.family(family.name, family.help, MetricType::counter);
    for (SeriesId id = 0; id < all.size(); ++id) {
      if (!shown(id)) continue;
      out.sample({{"target_group", all[id].target_group}, {"endpoint", all[id].endpoint}, {"region", all[id].region},
                  {"zone", all[id].zone}}, sums[id].*family.value);
    }
  }
  out.family("gatehouse_upstream_requests_active", "Requests under way at endpoints.", MetricType::gauge);
  for (SeriesId id = 0; id < all.size(); ++id) {
    if (!shown(id)) continue;
    out.sample({{"target_group", all[id].target_group}, {"endpoint", all[id].endpoint}, {"region", all[id].region},
                {"zone", all[id].zone}}, static_cast<double>(sums[id].active));
  }
}

void write_regions(PrometheusText& out, const MetricsRegistry& registry) {
  const auto& all = registry.regions().labels();
  out.family("gatehouse_region_connections_total", "Regions that connections were sent to, by the reason of the choice.",
             MetricType::counter);
  for (SeriesId id = 0; id < all.size(); ++id) {
    const RegionSum sum = registry.sum_region(id);
    for (unsigned reason = 0; reason < region_reasons_max; ++reason) {
      if (sum[reason] == 0) continue;
      out.sample({{"target_group", all[id].target_group}, {"region", all[id].region},
                  {"reason", name_of(registry.names().region_reasons, reason)}}, sum[reason]);
    }
  }
}

void write_web_acls(PrometheusText& out, const MetricsRegistry& registry) {
  constexpr std::array<std::string_view, waf_actions> names{"pass", "detect", "block"};
  const auto& acls = registry.web_acls().labels();
  out.family("gatehouse_waf_requests_total", "Requests inspected by web ACLs, by what became of them.", MetricType::counter);
  for (SeriesId id = 0; id < acls.size(); ++id) {
    const WebAclSum sum = registry.sum_web_acl(id);
    for (unsigned action = 0; action < waf_actions; ++action) {
      if (id == series_other && sum[action] == 0) continue;
      out.sample({{"web_acl", acls[id]}, {"action", names[action]}}, sum[action]);
    }
  }
  // A rule set has hundreds of rules, so those that never matched are left out.
  const auto& rules = registry.waf_rules().labels();
  out.family("gatehouse_waf_rule_matches_total", "Requests in which a rule matched.", MetricType::counter);
  for (SeriesId id = 0; id < rules.size(); ++id) {
    const std::uint64_t matches = registry.sum_waf_rule(id);
    if (matches != 0) out.sample({{"web_acl", rules[id].web_acl}, {"rule", rules[id].rule}}, matches);
  }
}

}  // namespace

void write_registry(PrometheusText& out, const MetricsRegistry& registry) {
  write_listeners(out, registry);
  write_routes(out, registry);
  write_endpoints(out, registry);
  write_regions(out, registry);
  write_web_acls(out, registry);
}

void write_endpoint_gauges(PrometheusText& out, std::span<const EndpointGauge> endpoints) {
  out.family("gatehouse_endpoint_healthy", "Whether an endpoint is in service: 1 or 0.", MetricType::gauge);
  for (const EndpointGauge& e : endpoints) {
    out.sample({{"target_group", e.target_group}, {"endpoint", e.endpoint}, {"region", e.region}, {"zone", e.zone}},
               std::uint64_t{e.healthy});
  }
  out.family("gatehouse_endpoint_weight", "An endpoint's weight in force, 0 to 255.", MetricType::gauge);
  for (const EndpointGauge& e : endpoints) {
    out.sample({{"target_group", e.target_group}, {"endpoint", e.endpoint}, {"region", e.region}, {"zone", e.zone}},
               std::uint64_t{e.weight});
  }
}

void write_region_gauges(PrometheusText& out, std::span<const RegionGauge> regions) {
  out.family("gatehouse_region_traffic_dial", "A region's traffic dial in force, 0 to 100.", MetricType::gauge);
  for (const RegionGauge& region : regions) out.sample({{"region", region.region}}, region.traffic_dial);
}

void write_process_counts(PrometheusText& out, const ProcessCounts& counts) {
  out.family("gatehouse_config_reloads_total", "Reloads of the configuration by result.", MetricType::counter);
  out.sample({{"result", "ok"}}, counts.reloads_ok);
  out.sample({{"result", "failed"}}, counts.reloads_failed);
  out.family("gatehouse_config_last_reload_success_timestamp_seconds", "When the configuration in force was loaded.",
             MetricType::gauge);
  out.sample({}, counts.last_reload_success_seconds);
  out.family("gatehouse_access_log_dropped_total", "Access log lines for which there was no room.", MetricType::counter);
  out.sample({}, counts.access_log_dropped);
  out.family("gatehouse_waf_log_dropped_total", "WAF log lines for which there was no room.", MetricType::counter);
  out.sample({}, counts.waf_log_dropped);
  out.family("gatehouse_access_log_write_errors_total", "Failed writes of the access log.", MetricType::counter);
  out.sample({}, counts.access_log_write_errors);
}

void write_build_info(PrometheusText& out, std::string_view version, std::string_view compiler) {
  out.family("gatehouse_build_info", "Always 1; the labels say what is running.", MetricType::gauge);
  out.sample({{"version", version}, {"compiler", compiler}}, std::uint64_t{1});
}

std::string Exposition::text() const {
  PrometheusText out;
  write_registry(out, registry_);
  for (const Collector& collector : collectors_) collector(out);
  write_process(out);
  return std::move(out).text();
}

}  // namespace gatehouse::observe
