// Listeners: addresses that collide, TLS that is missing or useless, rules that share a priority.
#include <fmt/format.h>

#include <algorithm>

#include "formats.hpp"
#include "gatehouse/config/security_policy.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// Policies that do not mean here exactly what their name says at AWS.
void review_policy(const Listener& listener, const std::string& field, Findings& findings) {
  const SecurityPolicy* policy = find_security_policy(listener.tls.security_policy);
  if (policy == nullptr) return;
  const std::string name = quote(policy->name);
  if (policy->post_quantum) {
    findings.warning(field,
                     name + " uses the classical key exchange groups here; the post-quantum ones are not available");
  }
  if (policy->old_protocols) {
    findings.warning(field, name + " starts at TLS 1.2 here; TLS 1.0 and 1.1 are not spoken");
  }
  if (policy->fips) findings.warning(field, name + " is an approximation; there is no validated module");
}

/// Certificates that have to exist, and TLS settings that have to have a use.
void review_tls(const Config& config, const Listener& listener, const std::string& field, Findings& findings) {
  std::vector<std::string_view> known;
  for (const Certificate& certificate : config.certificates) known.push_back(certificate.name);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < listener.tls.certificates.size(); ++i) {
    const std::string& name = listener.tls.certificates[i];
    names.push_back({name, item(field + ".tls.certificates", i)});
    // An empty one has been reported.
    if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) continue;
    findings.error(item(field + ".tls.certificates", i), fmt::format("there is no certificate {}", quote(name)),
                   suggestion(name, known, "certificates"));
  }
  refuse_duplicates(names, "certificate", findings);

  const bool is_https = listener.protocol == ListenerProtocol::https;
  if (is_https && listener.tls.certificates.empty()) {
    findings.error(field, "an HTTPS listener needs a certificate", "name one of 'certificates' in tls.certificates");
  }
  if (!is_https && findings.given(field + ".tls")) {
    findings.error(field + ".tls", "TLS settings have no effect on an HTTP listener",
                   "use protocol: HTTPS, or remove them");
  }
  if (is_https) review_policy(listener, field + ".tls.security_policy", findings);
}

/// As with an ALB, a rule has at most one host-header and one path-pattern condition; ANDing two of them is nearly
/// always an OR that was meant.
void refuse_repeated_conditions(const Rule& rule, const std::string& field, Findings& findings) {
  bool host_seen = false;
  bool path_seen = false;
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    const Condition& condition = rule.conditions[i];
    const bool again = (!condition.host_header.empty() && host_seen) || (!condition.path_pattern.empty() && path_seen);
    host_seen = host_seen || !condition.host_header.empty();
    path_seen = path_seen || !condition.path_pattern.empty();
    if (!again) continue;
    findings.error(item(field + ".conditions", i), "a rule has each property only once; conditions are ANDed",
                   "values that may stand for each other go into one list");
  }
}

void review_actions(const Config& config, const Listener& listener, const std::vector<Action>& actions,
                    const std::string& field, Findings& findings) {
  if (actions.size() > 1) {
    findings.error(item(field, 1), "there is exactly one action",
                   "several target groups go into one forward, with weights");
  }
  for (std::size_t i = 0; i < actions.size(); ++i)
    review_action(config, listener, actions[i], item(field, i), findings);
}

void review_rules(const Config& config, const Listener& listener, const std::string& field, Findings& findings) {
  std::vector<Unique> priorities;
  for (std::size_t i = 0; i < listener.rules.size(); ++i) {
    const Rule& rule = listener.rules[i];
    const std::string rule_field = item(field + ".rules", i);
    // 0 is what a missing or refused one looks like.
    if (rule.priority != 0) priorities.push_back({std::to_string(rule.priority), rule_field + ".priority"});
    refuse_repeated_conditions(rule, rule_field, findings);
    review_actions(config, listener, rule.actions, rule_field + ".actions", findings);
  }
  refuse_duplicates(priorities, "priority", findings);
}

/// Port 0 is another port each time, and what is no address has been reported.
bool takes_any_port(const std::string& address) {
  const auto parts = split_address(address);
  return !parts || parts->port == 0;
}

}  // namespace

void review_listeners(const Config& config, Findings& findings) {
  std::vector<Unique> names;
  std::vector<Unique> addresses;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const Listener& listener = config.listeners[i];
    const std::string field = item("listeners", i);
    names.push_back({listener.name, field + ".name"});
    if (!takes_any_port(listener.address)) {
      addresses.push_back({listener.address, field + ".address"});
      if (listener.address == config.admin.listen) {
        findings.error(field + ".address",
                       fmt::format("address {} is already that of the admin API", quote(listener.address)),
                       "admin.listen");
      }
    }
    review_tls(config, listener, field, findings);
    review_rules(config, listener, field, findings);
    review_actions(config, listener, listener.default_actions, field + ".default_actions", findings);
  }
  refuse_duplicates(names, "listener", findings);
  refuse_duplicates(addresses, "address", findings);
}

}  // namespace gatehouse::config
