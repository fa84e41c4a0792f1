// Response headers policies: names that have to exist, fields that are not a policy's to change, answers to cross-origin
// requests that no browser accepts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gatehouse/config/managed_response_headers.hpp"
#include "gatehouse/filters/letters.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

constexpr std::size_t headers_max = 10;  // aws-cloudfront 29

/// aws-cloudfront 19: fields that belong to the protocol or to the gateway.
bool is_untouchable(std::string_view header) {
  constexpr std::array<std::string_view, 14> names{"connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "trailer",
                                                   "transfer-encoding", "upgrade", "via", "warning", "x-cache", "x-forwarded-proto", "x-real-ip"};
  constexpr std::array<std::string_view, 5> beginnings{"proxy-", "x-accel-", "x-amz-cf-", "x-amzn-", "x-edge-"};
  const std::string name = filters::lowered(header);
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(beginnings, [&](std::string_view beginning) { return name.starts_with(beginning); });
}

void review_header(const std::string& header, const std::string& field, std::string_view doing, Findings& findings) {
  if (!is_untouchable(header)) return;
  findings.error(field + ".header", fmt::format("{} cannot be {}", quote(header), doing), "it belongs to the protocol or to the gateway");
}

template <class Item>
void review_items(const std::vector<Item>& items, const std::string& field, std::string_view doing, Findings& findings) {
  if (items.size() > headers_max) {
    findings.error(item(field, headers_max), fmt::format("{} fields are too many; at most {} can be {}", items.size(), headers_max, doing));
  }
  std::vector<Unique> names;
  for (std::size_t i = 0; i < items.size(); ++i) {
    review_header(items[i].header, item(field, i), doing, findings);
    names.push_back({filters::lowered(items[i].header), item(field, i) + ".header"});
  }
  refuse_duplicates(names, "header", findings);
}

/// Fetch standard, "CORS protocol and credentials": with credentials a star stands for itself, so browsers refuse the response.
void review_cors(const CorsConfig& cors, const std::string& field, Findings& findings) {
  if (!cors.access_control_allow_credentials) return;
  const auto refuse_star = [&](const std::vector<std::string>& values, const char* name) {
    if (std::ranges::find(values, "*") == values.end()) return;
    findings.error(fmt::format("{}.{}", field, name), "browsers refuse '*' where credentials are allowed", "name what is allowed");
  };
  refuse_star(cors.access_control_allow_origins, "access_control_allow_origins");
  refuse_star(cors.access_control_allow_headers, "access_control_allow_headers");
  refuse_star(cors.access_control_expose_headers, "access_control_expose_headers");
}

void review_xss(const SecurityHeadersConfig& security, const std::string& field, Findings& findings) {
  if (!security.xss_protection) return;
  const XssProtection& xss = *security.xss_protection;
  const std::string place = field + ".security_headers_config.xss_protection";
  if (!xss.protection && (xss.mode_block || !xss.report_uri.empty())) {
    findings.error(place, "has settings for a protection that is off", "say protection: true, or remove them");
  } else if (xss.mode_block && !xss.report_uri.empty()) {
    findings.error(place + ".report_uri", "a page is either blocked or reported", "remove mode_block or report_uri");
  }
}

void review_policy(const ResponseHeadersPolicy& policy, const std::string& field, Findings& findings) {
  review_items(policy.remove_headers_config.items, field + ".remove_headers_config.items", "removed", findings);
  review_items(policy.custom_headers_config.items, field + ".custom_headers_config.items", "added", findings);
  if (policy.cors_config) review_cors(*policy.cors_config, field + ".cors_config", findings);
  review_xss(policy.security_headers_config, field, findings);
  const ServerTimingHeadersConfig& timing = policy.server_timing_headers_config;
  if (!timing.enabled && findings.given(field + ".server_timing_headers_config.sampling_rate")) {
    findings.warning(field + ".server_timing_headers_config.sampling_rate", "has no effect while enabled is false");
  }
}

/// The names that behaviors use; those that do not exist are reported.
std::set<std::string> names_in_use(const Config& config, Findings& findings) {
  std::set<std::string> used;
  std::vector<std::string_view> known = managed_response_headers_policy_names();
  for (const ResponseHeadersPolicy& policy : config.response_headers_policies) known.push_back(policy.name);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const std::vector<Behavior>& behaviors = config.listeners[i].behaviors;
    for (std::size_t j = 0; j < behaviors.size(); ++j) {
      const std::string& name = behaviors[j].response_headers_policy;
      used.insert(name);
      const bool exists = std::ranges::find(known, name) != known.end() || managed_response_headers_policy(name) != nullptr;
      if (name.empty() || exists) continue;
      findings.error(item(item("listeners", i) + ".behaviors", j) + ".response_headers_policy",
                     fmt::format("there is no response headers policy {}", quote(name)),
                     suggestion(name, known, "response_headers_policies"));
    }
  }
  return used;
}

}  // namespace

void review_response_headers(const Config& config, Findings& findings) {
  const std::set<std::string> used = names_in_use(config, findings);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.response_headers_policies.size(); ++i) {
    const ResponseHeadersPolicy& policy = config.response_headers_policies[i];
    const std::string field = item("response_headers_policies", i);
    names.push_back({policy.name, field + ".name"});
    if (managed_response_headers_policy(policy.name) != nullptr) {
      findings.error(field + ".name", fmt::format("{} is the name of a managed policy", quote(policy.name)),
                     "choose another, so that everybody knows which one is meant");
    } else if (!policy.name.empty() && !used.contains(policy.name)) {
      findings.warning(field, fmt::format("response headers policy {} is not used", quote(policy.name)),
                       "name it in a listener's behaviors, or remove it");
    }
    review_policy(policy, field, findings);
  }
  refuse_duplicates(names, "response headers policy", findings);
}

}  // namespace gatehouse::config
