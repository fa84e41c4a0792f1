// A process made of a few structs, for tests of the admin API and of the verbs that call it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gateway/admin/control.hpp"

namespace gatehouse::admin {

class FakeControl final : public Control {
 public:
  FakeControl() {
    status_value.version = "1.2.3";
    status_value.pid = 4711;
    status_value.uptime_seconds = 11'533;
    status_value.workers = 2;
    status_value.generation = 3;
    status_value.config_file = "edge.yaml";
    status_value.config_loaded_at = 1'714'566'896;
    status_value.requests_total = 1234;
    status_value.requests_per_second = 12.34;
    status_value.connections_active = 5;
    status_value.duration_p50_seconds = 0.0012;
    status_value.duration_p99_seconds = 0.25;
    status_value.listeners = {{"https", "0.0.0.0:8443", "HTTPS", 5, 99}};
    EndpointView one;
    one.address = "127.0.0.1:9001";
    one.region = "eu-north-1";
    one.zone = "a";
    one.weight = one.configured_weight = 128;
    one.state = "healthy";
    one.healthy = true;
    EndpointView two;
    two.address = "[::1]:9002";
    two.region = "eu-west-1";
    two.weight = two.configured_weight = 64;
    two.state = "unhealthy";
    two.reason = "connection refused";
    groups = {{"web", "HTTP", "round_robin", false, {one, two}}, {"api", "HTTPS", "round_robin", true, {}}};
    region_views = {{"eu-north-1", 100, 100, std::nullopt, 1, 1}, {"eu-west-1", 100, 100, std::nullopt, 1, 0}};
  }

  Readiness readiness() override { return ++readiness_asked, readiness_value; }
  Status status() override { return status_value; }
  std::vector<TargetGroupView> target_groups() override { return groups; }
  std::vector<RegionView> regions() override { return region_views; }
  std::string metrics_text() override { return metrics; }
  std::string config_json() override { return "{\"version\":1}"; }

  std::optional<RegionView> set_dial(std::string_view name, const DialChange& change) override {
    for (RegionView& region : region_views) {
      if (region.name != name) continue;
      region.dial_override = change.traffic_dial;
      region.traffic_dial = change.traffic_dial.value_or(region.configured_dial);
      return region;
    }
    return std::nullopt;
  }

  std::optional<EndpointView> change_endpoint(std::string_view group_name, std::string_view address,
                                              const EndpointChange& change) override {
    for (TargetGroupView& group : groups) {
      for (EndpointView& endpoint : group.endpoints) {
        if (group.name == group_name && endpoint.address == address) return changed(endpoint, change);
      }
    }
    return std::nullopt;
  }

  std::optional<CacheView> cache() override { return cache_value; }
  void purge(const std::vector<CachePurge>& what, bool soft, std::function<void(bool)> done) override {
    purged = what;
    purged_softly = soft;
    done(cache_value.has_value());
  }
  std::vector<std::string> explained_fields;
  std::optional<std::string> explain_cache(std::string_view url, const std::vector<std::string>* fields) override {
    if (!url.starts_with("http")) return std::nullopt;
    if (fields != nullptr) explained_fields = *fields;
    return "{\"url\":\"" + std::string(url) + "\",\"objects\":[],\"not_stored\":[]}";
  }

  void reload(std::function<void(ReloadResult)> done) override {
    ++reloads;
    if (hold_reload) {
      held = std::move(done);
    } else {
      done(reload_result);
    }
  }

  DrainResult drain() override {
    const bool already = status_value.draining;
    status_value.draining = true;
    return DrainResult{already, 5, 30'000};
  }

  Status status_value;
  Readiness readiness_value;
  std::vector<TargetGroupView> groups;
  std::vector<RegionView> region_views;
  std::string metrics{"x 1\n"};
  ReloadResult reload_result{true, 4, {"target_groups[web].endpoints[127.0.0.1:9001].weight: 128 -> 64"}, "", ""};
  std::optional<CacheView> cache_value;
  std::vector<CachePurge> purged;
  bool purged_softly{false};
  bool hold_reload{false};
  std::function<void(ReloadResult)> held;
  int reloads{0};
  int readiness_asked{0};

 private:
  static EndpointView changed(EndpointView& endpoint, const EndpointChange& change) {
    if (change.weight) endpoint.weight_override = change.weight;
    if (change.clear_weight) endpoint.weight_override.reset();
    endpoint.weight = endpoint.weight_override.value_or(endpoint.configured_weight);
    if (change.draining) endpoint.draining = *change.draining;
    if (endpoint.draining) endpoint.state = "draining";
    return endpoint;
  }
};

}  // namespace gatehouse::admin
