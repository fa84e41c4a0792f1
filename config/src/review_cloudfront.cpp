// What CloudFront's policies may say: names that have to exist, lists that have to have a use, header fields that cannot be in
// a key, origin groups of two.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gatehouse/config/managed_policies.hpp"
#include "gatehouse/filters/letters.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

void review_list(bool wants_list, bool has_list, const std::string& field, std::string_view list, Findings& findings) {
  if (wants_list == has_list) return;
  if (wants_list) {
    findings.error(field, fmt::format("needs '{}'", list), "name what it is about");
  } else {
    findings.error(fmt::format("{}.{}", field, list), "has no effect with this behavior", "say whitelist or allExcept, or remove the list");
  }
}

bool wants_list(ListBehavior behavior) { return behavior == ListBehavior::whitelist || behavior == ListBehavior::all_except; }

/// aws-cloudfront 3 and 20: fields that CloudFront does not take into a key.
bool cannot_be_in_key(const std::string& name) {
  constexpr std::array<std::string_view, 15> names{
      "cache-control", "connection", "content-length", "cookie", "max-forwards", "pragma", "te", "trailer", "transfer-encoding", "upgrade",
      "x-amz-cf-id", "x-real-ip", "x-forwarded-proto", "cloudfront-viewer-address", "cloudfront-viewer-tls"};
  constexpr std::array<std::string_view, 6> beginnings{"proxy-", "x-edge-", "cloudfront-viewer-asn", "cloudfront-viewer-ja",
                                                       "cloudfront-viewer-header-", "if-"};
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(beginnings, [&](std::string_view beginning) { return name.starts_with(beginning); });
}

void review_origin_request_policies(const Config& config, Findings& findings) {
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.origin_request_policies.size(); ++i) {
    const OriginRequestPolicy& policy = config.origin_request_policies[i];
    const std::string field = item("origin_request_policies", i);
    names.push_back({policy.name, field + ".name"});
    if (managed_origin_request_policy(policy.name) != nullptr) {
      findings.error(field + ".name", fmt::format("{} is the name of a managed policy", quote(policy.name)),
                     "choose another, so that everybody knows which one is meant");
    }
    const bool used = std::ranges::any_of(config.listeners, [&](const Listener& listener) {
      return std::ranges::find(listener.behaviors, policy.name, &Behavior::origin_request_policy) != listener.behaviors.end();
    });
    if (!used && !policy.name.empty()) {
      findings.warning(field, fmt::format("origin request policy {} is not used", quote(policy.name)), "name it in a listener's behaviors, or remove it");
    }
    review_lists(policy.headers_config, policy.cookies_config, policy.query_strings_config, field, findings);
  }
  refuse_duplicates(names, "origin request policy", findings);
}

void review_origin_groups(const Config& config, Findings& findings) {
  std::vector<Unique> names;
  std::vector<std::string_view> groups;
  for (const TargetGroup& group : config.target_groups) groups.push_back(group.name);
  for (std::size_t i = 0; i < config.origin_groups.size(); ++i) {
    const OriginGroup& origins = config.origin_groups[i];
    const std::string field = item("origin_groups", i);
    names.push_back({origins.name, field + ".name"});
    if (std::ranges::find(groups, origins.name) != groups.end()) {
      findings.error(field + ".name", fmt::format("{} is a target group's name too", quote(origins.name)), "choose another");
    }
    if (origins.members.size() != 2 || origins.members[0] == origins.members[1]) {
      findings.error(field + ".members", "needs two different target groups", "the first is asked first");
    }
    for (std::size_t j = 0; j < origins.members.size(); ++j) {
      const std::string& name = origins.members[j];
      if (name.empty() || std::ranges::find(groups, name) != groups.end()) continue;
      findings.error(item(field + ".members", j), fmt::format("there is no target group {}", quote(name)), suggestion(name, groups, "target_groups"));
    }
    constexpr std::array<std::uint16_t, 9> codes{400, 403, 404, 416, 429, 500, 502, 503, 504};
    for (std::size_t j = 0; j < origins.failover_status_codes.size(); ++j) {
      if (std::ranges::find(codes, origins.failover_status_codes[j]) != codes.end()) continue;
      findings.error(item(field + ".failover_status_codes", j), fmt::format("{} cannot cause a failover", origins.failover_status_codes[j]),
                     "400, 403, 404, 416, 429, 500, 502, 503 or 504");
    }
  }
  refuse_duplicates(names, "origin group", findings);
}

void review_behavior(const Config& config, const Behavior& behavior, const std::string& field, Findings& findings) {
  std::vector<std::string_view> policies = managed_origin_request_policy_names(), origins;
  for (const OriginRequestPolicy& policy : config.origin_request_policies) policies.push_back(policy.name);
  for (const TargetGroup& group : config.target_groups) origins.push_back(group.name);
  for (const OriginGroup& group : config.origin_groups) origins.push_back(group.name);
  const std::string& policy = behavior.origin_request_policy;
  if (!policy.empty() && std::ranges::find(policies, policy) == policies.end() && managed_origin_request_policy(policy) == nullptr) {
    findings.error(field + ".origin_request_policy", fmt::format("there is no origin request policy {}", quote(policy)),
                   suggestion(policy, policies, "origin_request_policies"));
  }
  const std::string& origin = behavior.target_origin;
  if (!origin.empty() && std::ranges::find(origins, origin) == origins.end()) {
    findings.error(field + ".target_origin", fmt::format("there is no target group or origin group {}", quote(origin)),
                   suggestion(origin, origins, "target_groups and origin_groups"));
  }
  for (std::size_t i = 0; i < behavior.cached_methods.size(); ++i) {
    const AllowedMethod method = behavior.cached_methods[i];
    if (method == AllowedMethod::get || method == AllowedMethod::head || method == AllowedMethod::options) continue;
    findings.error(item(field + ".cached_methods", i), "only GET, HEAD and OPTIONS can be cached", "remove it");
  }
  const bool options = std::ranges::find(behavior.cached_methods, AllowedMethod::options) != behavior.cached_methods.end();
  const auto named = std::ranges::find(config.cache.policies, behavior.cache_policy, &CachePolicy::name);
  if (options && named != config.cache.policies.end() && named->profile == CacheProfile::rfc9111) {
    findings.error(field + ".cached_methods", "OPTIONS is not cached in profile rfc9111 (RFC 9110 9.3.7)", "remove it, or use profile: cloudfront");
  }
}

void review_errors(const Listener& listener, const std::string& field, Findings& findings) {
  constexpr std::array<std::uint16_t, 11> codes{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504};
  std::vector<Unique> seen;
  for (std::size_t i = 0; i < listener.custom_error_responses.size(); ++i) {
    const CustomErrorResponse& response = listener.custom_error_responses[i];
    const std::string place = item(field + ".custom_error_responses", i);
    seen.push_back({std::to_string(response.error_code), place + ".error_code"});
    const bool known = std::ranges::find(codes, response.error_code) != codes.end();
    if (!known) findings.error(place + ".error_code", fmt::format("{} cannot be replaced", response.error_code), "400, 403, 404, 405, 414, 416, 500, 501, 502, 503 or 504");
    const std::uint16_t code = response.response_code;
    if (code != 0 && code != 200 && std::ranges::find(codes, code) == codes.end()) {
      findings.error(place + ".response_code", fmt::format("{} cannot be the status of a page", code), "200, or one of the codes that can be replaced");
    }
    if (code != 0 && response.response_page_path.empty()) {
      findings.error(place + ".response_code", "has no effect without a page", "give response_page_path, or remove it");
    }
  }
  refuse_duplicates(seen, "custom error response for", findings);
  for (const std::string_view key : {".custom_error_responses", ".default_root_object", ".cache_tag_config"}) {
    if (!listener.behaviors.empty() || !findings.given(field + std::string(key))) continue;
    findings.error(field + std::string(key), "has no effect without behaviors",
                   "add a behavior, such as { path_pattern: \"*\", cache_policy: CachingDisabled }");
  }
  if (listener.default_root_object.starts_with('/')) {
    findings.error(field + ".default_root_object", "begins with a slash", "write index.html, not /index.html");
  }
}

}  // namespace

void review_lists(const HeadersConfig& headers, const CookiesConfig& cookies, const QueryStringsConfig& query_strings,
                  const std::string& field, Findings& findings) {
  const HeaderBehavior h = headers.header_behavior;
  const bool list = h == HeaderBehavior::whitelist || h == HeaderBehavior::all_except || h == HeaderBehavior::all_viewer_and_whitelist_cloudfront;
  review_list(list, !headers.headers.empty(), field + ".headers_config", "headers", findings);
  review_list(wants_list(cookies.cookie_behavior), !cookies.cookies.empty(), field + ".cookies_config", "cookies", findings);
  review_list(wants_list(query_strings.query_string_behavior), !query_strings.query_strings.empty(), field + ".query_strings_config",
              "query_strings", findings);
}

void review_key_headers(const CachePolicy& policy, const std::string& field, Findings& findings) {
  for (std::size_t i = 0; i < policy.headers_config.headers.size(); ++i) {
    const std::string& name = policy.headers_config.headers[i];
    if (!cannot_be_in_key(filters::lowered(name))) continue;
    const bool cookie = filters::lowered(name) == "cookie";
    findings.error(item(field + ".headers_config.headers", i), fmt::format("{} cannot be in the key", quote(name)),
                   cookie ? "use cookies_config" : "send it with an origin request policy, or remove it");
  }
}

void review_cloudfront(const Config& config, Findings& findings) {
  review_origin_request_policies(config, findings);
  review_origin_groups(config, findings);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const std::string field = item("listeners", i);
    for (std::size_t j = 0; j < config.listeners[i].behaviors.size(); ++j) {
      review_behavior(config, config.listeners[i].behaviors[j], item(field + ".behaviors", j), findings);
    }
    review_errors(config.listeners[i], field, findings);
  }
}

}  // namespace gatehouse::config
