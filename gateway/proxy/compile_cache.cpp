#include "gateway/proxy/compile_cache.hpp"

#include <algorithm>

#include "gateway/http/token.hpp"

namespace gatehouse::proxy {
namespace {

std::chrono::seconds whole_seconds(config::Milliseconds time) { return std::chrono::ceil<std::chrono::seconds>(time); }

using config::HeaderBehavior;
using config::ListBehavior;

cache::Selection selection(ListBehavior behavior) noexcept {
  switch (behavior) {
    case ListBehavior::none: break;
    case ListBehavior::whitelist: return cache::Selection::listed;
    case ListBehavior::all_except: return cache::Selection::all_but_listed;
    case ListBehavior::all: return cache::Selection::all;
  }
  return cache::Selection::none;
}

cache::Selection selection(HeaderBehavior behavior) noexcept {
  switch (behavior) {
    case HeaderBehavior::none: break;
    case HeaderBehavior::whitelist: return cache::Selection::listed;
    case HeaderBehavior::all_except: return cache::Selection::all_but_listed;
    case HeaderBehavior::all_viewer:
    case HeaderBehavior::all_viewer_and_whitelist_cloudfront: return cache::Selection::all;
  }
  return cache::Selection::none;
}

std::vector<std::string> lowered(std::vector<std::string> names) {
  for (std::string& name : names) {
    for (char& c : name) c = http::lower(c);
  }
  return names;
}

cache::NameList headers_of(const config::HeadersConfig& from) { return {selection(from.header_behavior), lowered(from.headers)}; }
cache::NameList cookies_of(const config::CookiesConfig& from) { return {selection(from.cookie_behavior), from.cookies}; }
cache::NameList queries_of(const config::QueryStringsConfig& from) { return {selection(from.query_string_behavior), from.query_strings}; }

cache::SetCookieRule set_cookie_rule(config::SetCookieRule rule) noexcept {
  switch (rule) {
    case config::SetCookieRule::with_lifetime: break;
    case config::SetCookieRule::with_shared_lifetime: return cache::SetCookieRule::with_shared_freshness;
    case config::SetCookieRule::strip: return cache::SetCookieRule::strip;
    case config::SetCookieRule::never: return cache::SetCookieRule::never;
  }
  return cache::SetCookieRule::with_freshness;
}

void compile_cloudfront(const config::CachePolicy& from, cache::CloudFrontRules& rules) {
  rules.min_ttl = whole_seconds(from.min_ttl);
  rules.default_ttl = whole_seconds(from.default_ttl);
  rules.max_ttl = whole_seconds(from.max_ttl);
  rules.headers = headers_of(from.headers_config);
  rules.cookies = cookies_of(from.cookies_config);
  rules.query_strings = queries_of(from.query_strings_config);
  // Who lists the field wants it as clients send it.
  const bool as_is = rules.headers.selects("accept-encoding");
  rules.accept_encoding_gzip = from.enable_accept_encoding_gzip && !as_is;
  rules.accept_encoding_brotli = from.enable_accept_encoding_brotli && !as_is;
}

/// What the gateway makes of a viewer, among names.
void add_viewer_headers(const std::vector<std::string>& names, std::vector<cdn::ViewerHeader>& out) {
  for (const std::string& name : names) {
    const auto header = cdn::viewer_header(name);
    if (header && std::ranges::find(out, *header) == out.end()) out.push_back(*header);
  }
}

}  // namespace

cdn::OriginRequestRules compile_origin_request(const config::OriginRequestPolicy* from, CompiledCachePolicy& policy) {
  cdn::OriginRequestRules rules;
  cache::CloudFrontRules& key = policy.policy.cloudfront;
  rules.cloudfront = policy.policy.profile == cache::Profile::cloudfront;
  rules.options_cached = key.options_cached;
  rules.key_headers = key.headers;
  rules.key_cookies = key.cookies;
  rules.key_queries = key.query_strings;
  add_viewer_headers(rules.key_headers.names, rules.viewer_headers);
  if (from == nullptr) return rules;
  rules.headers = headers_of(from->headers_config);
  rules.cookies = cookies_of(from->cookies_config);
  rules.queries = queries_of(from->query_strings_config);
  if (from->headers_config.header_behavior != HeaderBehavior::all_except) add_viewer_headers(rules.headers.names, rules.viewer_headers);
  key.forwarded = rules.headers;
  key.cookies_forwarded = rules.cookies.selection != cache::Selection::none && key.cookies.selection != cache::Selection::all;
  return rules;
}

std::unique_ptr<CompiledCachePolicy> compile_cache_policy(const config::CachePolicy& from) {
  auto out = std::make_unique<CompiledCachePolicy>();
  cache::Policy& policy = out->policy;
  policy.name = from.name;
  if (from.profile == config::CacheProfile::cloudfront) {
    policy.profile = cache::Profile::cloudfront;
    compile_cloudfront(from, policy.cloudfront);
  }
  policy.targeted_fields = from.targeted_fields;
  for (std::string& name : policy.targeted_fields) {
    for (char& c : name) c = http::lower(c);
  }
  policy.honour_request_directives = from.request_directives == config::RequestDirectives::revalidate;
  policy.set_cookie = set_cookie_rule(from.set_cookie);
  policy.heuristic_max = whole_seconds(from.heuristic_max);
  policy.stale_while_revalidate = whole_seconds(from.stale_while_revalidate);
  policy.stale_if_error = whole_seconds(from.stale_if_error);
  policy.stale_on_dead_origin = false;  // bounded by stale_if_error instead
  policy.stale_deadline = from.stale_deadline;
  out->cache_status = from.cache_status;
  return out;
}

Result<std::shared_ptr<SharedCache>, std::string> make_shared_cache(const config::Cache& settings) {
  cache::StoreOptions options;
  options.bytes_max = settings.memory;
  options.object_max = settings.object_max;
  if (settings.disk.path.empty()) {
    options.secret = cache::random_secret();
    return std::make_shared<SharedCache>(options);
  }
  auto volume = cache::Volume::open(settings.disk.path);
  if (!volume) return Failure{volume.error()};
  options.secret = (*volume)->secret();  // what is on disk is found by keys made with it
  auto out = std::make_shared<SharedCache>(options);
  cache::DiskOptions disk;
  disk.bytes_max = settings.disk.size;
  disk.large_max = settings.disk.object_max;
  out->disk = std::make_unique<cache::DiskTier>(std::move(*volume), out->store.purges(), disk);
  return out;
}

}  // namespace gatehouse::proxy
