#include "gateway/proxy/compile_behaviors.hpp"

#include <algorithm>

#include "gatehouse/config/managed_policies.hpp"
#include "gatehouse/config/managed_response_headers.hpp"
#include "gateway/proxy/compile_cache.hpp"

namespace gatehouse::proxy {
namespace {

using config::AllowedMethod;

/// aws-cloudfront 2: the leading slash of a path pattern may be left out.
Pattern behavior_pattern(const std::string& text) {
  const bool anchored = text.starts_with('/') || text.starts_with('*') || text.starts_with('?');
  return Pattern(anchored ? text : "/" + text, Pattern::Case::sensitive);
}

http::Method method_of(AllowedMethod method) noexcept {
  switch (method) {
    case AllowedMethod::get: return http::Method::get;
    case AllowedMethod::head: return http::Method::head;
    case AllowedMethod::options: return http::Method::options;
    case AllowedMethod::put: return http::Method::put;
    case AllowedMethod::post: return http::Method::post;
    case AllowedMethod::patch: return http::Method::patch;
    case AllowedMethod::delete_: break;
  }
  return http::Method::delete_;
}

const config::CachePolicy& cache_policy_named(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.cache.policies, name, &config::CachePolicy::name);
  return found != config.cache.policies.end() ? *found : *config::managed_cache_policy(name);
}

/// Null for no name. Compiled once, however many behaviors have it.
const cdn::ResponseHeadersPolicy* response_headers_named(Snapshot& snapshot, const std::string& name) {
  const auto& own = snapshot.config.response_headers_policies;
  const auto found = std::ranges::find(own, name, &config::ResponseHeadersPolicy::name);
  const config::ResponseHeadersPolicy* const from = found != own.end() ? &*found : config::managed_response_headers_policy(name);
  if (from == nullptr) return nullptr;
  for (const auto& made : snapshot.response_headers) {
    if (made->name() == from->name) return made.get();
  }
  return snapshot.response_headers.emplace_back(std::make_unique<cdn::ResponseHeadersPolicy>(*from)).get();
}

/// Null for no name.
const config::OriginRequestPolicy* origin_request_policy_named(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.origin_request_policies, name, &config::OriginRequestPolicy::name);
  return found != config.origin_request_policies.end() ? &*found : config::managed_origin_request_policy(name);
}

const CompiledGroup* group_named(const Snapshot& snapshot, const std::string& name) {
  const auto found = std::ranges::find_if(snapshot.groups, [&](const auto& group) { return group->group.name() == name; });
  return found == snapshot.groups.end() ? nullptr : found->get();
}

CompiledOrigin origin_named(const Snapshot& snapshot, const std::string& name) {
  const std::vector<config::OriginGroup>& groups = snapshot.config.origin_groups;
  const auto pair = std::ranges::find(groups, name, &config::OriginGroup::name);
  if (pair == groups.end()) return {group_named(snapshot, name), nullptr, {}};
  return {group_named(snapshot, pair->members[0]), group_named(snapshot, pair->members[1]), pair->failover_status_codes};
}

/// The policy of one behavior, with what its listener and its other keys say.
std::unique_ptr<CompiledCachePolicy> cache_policy_of(const config::Behavior& behavior, const config::Listener& listener,
                                                     const config::Config& config) {
  auto policy = compile_cache_policy(cache_policy_named(config, behavior.cache_policy));
  const bool options = std::ranges::find(behavior.cached_methods, AllowedMethod::options) != behavior.cached_methods.end();
  policy->policy.cloudfront.options_cached = options;
  if (policy->policy.profile != cache::Profile::cloudfront) return policy;
  for (const config::CustomErrorResponse& response : listener.custom_error_responses) {
    const auto ttl = std::chrono::ceil<cache::seconds>(response.error_caching_min_ttl);
    policy->policy.negative.push_back({response.error_code, ttl});
  }
  return policy;
}

}  // namespace

void compile_behaviors(const config::Listener& listener, Snapshot& snapshot, CompiledListener& out) {
  const config::Config& config = snapshot.config;
  for (const config::Behavior& from : listener.behaviors) {
    CompiledBehavior behavior{.path = behavior_pattern(from.path_pattern)};
    std::unique_ptr<CompiledCachePolicy> policy = cache_policy_of(from, listener, config);
    const config::OriginRequestPolicy* const sent = origin_request_policy_named(config, from.origin_request_policy);
    if (sent != nullptr || policy->policy.profile == cache::Profile::cloudfront) {
      auto rules = std::make_unique<cdn::OriginRequestRules>(compile_origin_request(sent, *policy));
      behavior.origin_request = snapshot.origin_requests.emplace_back(std::move(rules)).get();
    }
    behavior.policy = snapshot.cache_policies.emplace_back(std::move(policy)).get();
    if (!from.target_origin.empty()) behavior.origin = origin_named(snapshot, from.target_origin);
    behavior.viewer_protocol = from.viewer_protocol_policy;
    for (const AllowedMethod method : from.allowed_methods) behavior.allowed_methods.insert(method_of(method));
    if (!from.trusted_key_groups.empty()) {
      behavior.trusted = snapshot.trusted_keys.emplace_back(trusted_keys(config, from, snapshot.public_keys)).get();
    }
    behavior.compress = from.compress;
    behavior.response_headers = response_headers_named(snapshot, from.response_headers_policy);
    const cache::CloudFrontRules& key = behavior.policy->policy.cloudfront;
    out.keys_encoding = out.keys_encoding || from.compress || key.accept_encoding_gzip || key.accept_encoding_brotli;
    out.behaviors.push_back(std::move(behavior));
  }
  for (const config::CustomErrorResponse& from : listener.custom_error_responses) {
    if (from.response_page_path.empty()) continue;
    out.error_pages.push_back({from.error_code, from.response_code == 0 ? from.error_code : from.response_code, from.response_page_path});
  }
}

}  // namespace gatehouse::proxy
