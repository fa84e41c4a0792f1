// Target groups: endpoints that repeat or belong nowhere, probes that cannot work, settings without effect.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// Probes that cannot work as they are written.
void review_health_check(const TargetGroup& group, const std::string& field, Findings& findings) {
  const HealthCheck& check = group.health_check;
  if (check.timeout > check.interval) {
    // Whichever of the two was written; the other one may be a default nobody thought of.
    const std::string at = findings.given(field + ".timeout") ? field + ".timeout" : field + ".interval";
    findings.error(at,
                   fmt::format("the timeout ({}) is longer than the interval ({})", show_duration(check.timeout),
                               show_duration(check.interval)),
                   "a probe has to end before the next one starts");
  }
  if (check.protocol == HealthProtocol::tcp) {
    for (const char* key : {".path", ".matcher"}) {
      if (!findings.given(field + key)) continue;
      findings.warning(field + key, "has no effect: a TCP probe only connects", "use protocol: HTTP, or remove it");
    }
  }
  // Not an error: something on the same port may answer both. On a port of its own HTTP is usual.
  const bool speaks_plain = group.protocol == TargetProtocol::https && check.protocol == HealthProtocol::http;
  if (check.enabled && speaks_plain && check.port == 0) {
    findings.warning(field, "the probes speak HTTP to endpoints that speak HTTPS",
                     "set health_check.protocol: HTTPS, or another port");
  }
}

/// TLS settings have a use for traffic or for probes, or for neither.
void review_origin_tls(const TargetGroup& group, const std::string& field, Findings& findings) {
  const bool in_use = group.protocol == TargetProtocol::https || group.health_check.protocol == HealthProtocol::https;
  if (!in_use && findings.given(field + ".tls")) {
    findings.warning(field + ".tls", "has no effect: the group speaks HTTP", "use protocol: HTTPS, or remove it");
  }
}

void review_region(const Config& config, const Endpoint& endpoint, const std::string& field, Findings& findings) {
  if (endpoint.region.empty()) return;
  std::vector<std::string_view> known;
  for (const Region& region : config.regions) known.push_back(region.name);
  if (std::find(known.begin(), known.end(), endpoint.region) != known.end()) return;
  findings.error(
      field + ".region", fmt::format("there is no region {}", quote(endpoint.region)),
      known.empty() ? "add it to 'regions', or leave it out" : suggestion(endpoint.region, known, "regions"));
}

void review_endpoints(const Config& config, const TargetGroup& group, const std::string& field, Findings& findings) {
  std::vector<Unique> addresses;
  bool any_weight = false;
  for (std::size_t i = 0; i < group.endpoints.size(); ++i) {
    const std::string endpoint_field = item(field + ".endpoints", i);
    addresses.push_back({group.endpoints[i].address, endpoint_field + ".address"});
    any_weight = any_weight || group.endpoints[i].weight > 0;
    review_region(config, group.endpoints[i], endpoint_field, findings);
  }
  refuse_duplicates(addresses, "endpoint", findings);
  // Both are allowed, as in AWS: endpoints may be added, or get their weights back, at run time.
  if (group.endpoints.empty() && !group.static_site) {
    findings.warning(
        field, fmt::format("target group {} has no endpoints: its requests are answered with 503", quote(group.name)));
  } else if (!any_weight && !group.static_site) {
    findings.warning(field + ".endpoints", "all weights are zero: no endpoint takes requests",
                     "give one of them a weight");
  }
}

/// The base is multiplied with each ejection and then cut at the maximum, so it cannot start above it.
void review_outlier_detection(const TargetGroup& group, const std::string& field, Findings& findings) {
  const OutlierDetection& outlier = group.outlier_detection;
  if (outlier.base_ejection_time <= outlier.max_ejection_time) return;
  findings.error(field,
                 fmt::format("base_ejection_time ({}) is longer than max_ejection_time ({})",
                             show_duration(outlier.base_ejection_time), show_duration(outlier.max_ejection_time)));
}

void collect(const std::vector<Action>& actions, std::set<std::string>& used) {
  for (const Action& action : actions) {
    if (!action.forward) continue;
    for (const ForwardTarget& target : action.forward->target_groups) used.insert(target.name);
  }
}

/// The names that any action of any listener forwards to.
std::set<std::string> groups_in_use(const Config& config) {
  std::set<std::string> used;
  for (const Listener& listener : config.listeners) {
    collect(listener.default_actions, used);
    for (const Rule& rule : listener.rules) collect(rule.actions, used);
    for (const Behavior& behavior : listener.behaviors) used.insert(behavior.target_origin);
  }
  for (const OriginGroup& origins : config.origin_groups) used.insert(origins.members.begin(), origins.members.end());
  return used;
}

}  // namespace

void review_target_groups(const Config& config, Findings& findings) {
  const std::set<std::string> used = groups_in_use(config);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.target_groups.size(); ++i) {
    const TargetGroup& group = config.target_groups[i];
    const std::string field = item("target_groups", i);
    names.push_back({group.name, field + ".name"});
    review_health_check(group, field + ".health_check", findings);
    review_outlier_detection(group, field + ".outlier_detection", findings);
    review_origin_tls(group, field, findings);
    review_origin_settings(group, field, findings);
    review_endpoints(config, group, field, findings);
    review_static_site(group, field, findings);
    if (group.name.empty() || used.contains(group.name)) continue;
    findings.warning(field, fmt::format("target group {} is not used", quote(group.name)),
                     "forward to it in a rule, or remove it");
  }
  refuse_duplicates(names, "target group", findings);
}

}  // namespace gatehouse::config
