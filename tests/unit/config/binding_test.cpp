// Every key, set to something that is not its default, arrives in its member. A key without a line here fails the last
// test, and so does a line without a key.
#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "gatehouse/config/describe.hpp"
#include "reader.hpp"
#include "sections.hpp"
#include "support.hpp"
#include "tree.hpp"

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

struct Row {
  std::string key;   // as describe() names it
  std::string yaml;  // the value
  std::function<bool(const Config&)> arrived;
};

const Listener& listener(const Config& config) { return config.listeners.at(0); }
const Rule& rule(const Config& config) { return listener(config).rules.at(0); }
const TargetGroup& group(const Config& config) { return config.target_groups.at(0); }
const Forward& forward(const std::vector<Action>& actions) { return *actions.at(0).forward; }
const Redirect& redirect(const std::vector<Action>& actions) { return *actions.at(0).redirect; }
const FixedResponse& fixed(const std::vector<Action>& actions) { return *actions.at(0).fixed_response; }

std::vector<Row> process_rows() {
  return {
      {"version", "1", [](const Config& c) { return c.version == 1; }},  // there is no other yet
      {"workers", "3", [](const Config& c) { return c.workers == 3; }},
      {"drain_timeout", "7s", [](const Config& c) { return c.drain_timeout == 7s; }},
      {"admin.listen", "unix:/run/a.sock", [](const Config& c) { return c.admin.listen == "unix:/run/a.sock"; }},
      {"admin.allowed_hosts", "[a, b]",
       [](const Config& c) {
         return c.admin.allowed_hosts == Texts{"a", "b"};
       }},
      {"logs.access.path", "/tmp/a.log", [](const Config& c) { return c.logs.access.path == "/tmp/a.log"; }},
      {"logs.access.format", "json",
       [](const Config& c) { return c.logs.access.format == LogFormat::json; }},  // likewise
      {"logs.access.buffer", "2MiB", [](const Config& c) { return c.logs.access.buffer == 2u << 20; }},
      {"logs.waf.path", "/tmp/w.log", [](const Config& c) { return c.logs.waf.path == "/tmp/w.log"; }},
      {"logs.waf.buffer", "2MiB", [](const Config& c) { return c.logs.waf.buffer == 2u << 20; }},
      {"rule_cache", "/var/cache/g", [](const Config& c) { return c.rule_cache == "/var/cache/g"; }},
      {"certificates[].name", "c", [](const Config& c) { return c.certificates.at(0).name == "c"; }},
      {"certificates[].certificate_file", "/c.pem",
       [](const Config& c) { return c.certificates.at(0).certificate_file == "/c.pem"; }},
      {"certificates[].private_key_file", "/c.key",
       [](const Config& c) { return c.certificates.at(0).private_key_file == "/c.key"; }},
      {"certificates[].private_key_command", "[cat, k]",
       [](const Config& c) {
         return c.certificates.at(0).private_key_command == Texts{"cat", "k"};
       }},
      {"regions[].name", "r", [](const Config& c) { return c.regions.at(0).name == "r"; }},
      {"regions[].traffic_dial", "12.5", [](const Config& c) { return c.regions.at(0).traffic_dial == 12.5; }},
  };
}

std::vector<Row> limit_rows() {
  return {
      {"limits.request_line", "4KiB", [](const Config& c) { return c.limits.request_line == 4096; }},
      {"limits.header_field", "5KiB", [](const Config& c) { return c.limits.header_field == 5120; }},
      {"limits.request_headers", "6KiB", [](const Config& c) { return c.limits.request_headers == 6144; }},
      {"limits.header_count", "7", [](const Config& c) { return c.limits.header_count == 7; }},
      {"limits.response_headers", "8KiB", [](const Config& c) { return c.limits.response_headers == 8192; }},
      {"limits.request_body", "10GB", [](const Config& c) { return c.limits.request_body == 10'000'000'000; }},
      {"limits.connections", "9", [](const Config& c) { return c.limits.connections == 9; }},
      {"limits.connections_per_client", "10", [](const Config& c) { return c.limits.connections_per_client == 10; }},
      {"limits.requests_per_connection", "11", [](const Config& c) { return c.limits.requests_per_connection == 11; }},
      {"limits.request_head_timeout", "250ms", [](const Config& c) { return c.limits.request_head_timeout == 250ms; }},
      {"limits.tls_handshake_timeout", "2s", [](const Config& c) { return c.limits.tls_handshake_timeout == 2s; }},
      {"limits.keep_alive_timeout", "3s", [](const Config& c) { return c.limits.keep_alive_timeout == 3s; }},
      {"limits.client_keep_alive", "4m", [](const Config& c) { return c.limits.client_keep_alive == 4min; }},
      {"limits.idle_timeout", "5h", [](const Config& c) { return c.limits.idle_timeout == 5h; }},
      {"limits.first_byte_timeout", "6s", [](const Config& c) { return c.limits.first_byte_timeout == 6s; }},
      {"limits.connect_timeout", "7s", [](const Config& c) { return c.limits.connect_timeout == 7s; }},
  };
}

std::vector<Row> listener_rows() {
  return {
      {"listeners[].name", "l", [](const Config& c) { return listener(c).name == "l"; }},
      {"listeners[].address", "\"[::1]:81\"", [](const Config& c) { return listener(c).address == "[::1]:81"; }},
      {"listeners[].protocol", "HTTPS",
       [](const Config& c) { return listener(c).protocol == ListenerProtocol::https; }},
      {"listeners[].tls.security_policy", "ELBSecurityPolicy-TLS13-1-3-2021-06",
       [](const Config& c) { return listener(c).tls.security_policy == "ELBSecurityPolicy-TLS13-1-3-2021-06"; }},
      {"listeners[].tls.certificates", "[c]",
       [](const Config& c) { return listener(c).tls.certificates == Texts{"c"}; }},
      {"listeners[].tls.session_tickets", "false", [](const Config& c) { return !listener(c).tls.session_tickets; }},
      {"listeners[].tls.ticket_rotation", "1h", [](const Config& c) { return listener(c).tls.ticket_rotation == 1h; }},
      {"listeners[].forwarded_headers.x_forwarded_for", "preserve",
       [](const Config& c) { return listener(c).forwarded_headers.x_forwarded_for == ForwardedFor::preserve; }},
      {"listeners[].forwarded_headers.client_port", "true",
       [](const Config& c) { return listener(c).forwarded_headers.client_port; }},
      {"listeners[].forwarded_headers.preserve_host", "true",
       [](const Config& c) { return listener(c).forwarded_headers.preserve_host; }},
      {"listeners[].forwarded_headers.trusted_proxies", "[10.0.0.0/8, \"::1\"]",
       [](const Config& c) {
         return listener(c).forwarded_headers.trusted_proxies == Texts{"10.0.0.0/8", "::1/128"};
       }},
      {"listeners[].filters[].access_list.allow", "[10.0.0.1]",
       [](const Config& c) { return listener(c).filters.at(0).access_list->allow == Texts{"10.0.0.1/32"}; }},
      {"listeners[].filters[].access_list.deny", "[10.0.0.0/9]",
       [](const Config& c) { return listener(c).filters.at(0).access_list->deny == Texts{"10.0.0.0/9"}; }},
      {"listeners[].rules[].priority", "77", [](const Config& c) { return rule(c).priority == 77; }},
      {"listeners[].rules[].conditions[].host_header", "[\"*.example.com\"]",
       [](const Config& c) { return rule(c).conditions.at(0).host_header == Texts{"*.example.com"}; }},
      {"listeners[].rules[].conditions[].path_pattern", "[\"/a\", \"/b*\"]",
       [](const Config& c) {
         return rule(c).conditions.at(0).path_pattern == Texts{"/a", "/b*"};
       }},
  };
}

/// The same keys stand in `actions` of a rule and in `default_actions`.
std::vector<Row> action_rows(const std::string& list, std::function<const std::vector<Action>&(const Config&)> of) {
  return {
      {list + ".forward.target_groups[].name", "g",
       [=](const Config& c) { return forward(of(c)).target_groups.at(0).name == "g"; }},
      {list + ".forward.target_groups[].weight", "999",
       [=](const Config& c) { return forward(of(c)).target_groups.at(0).weight == 999; }},
      {list + ".redirect.protocol", "HTTPS", [=](const Config& c) { return redirect(of(c)).protocol == "HTTPS"; }},
      {list + ".redirect.host", "\"a.#{host}\"", [=](const Config& c) { return redirect(of(c)).host == "a.#{host}"; }},
      {list + ".redirect.port", "8443", [=](const Config& c) { return redirect(of(c)).port == "8443"; }},
      {list + ".redirect.path", "\"/x/#{path}\"",
       [=](const Config& c) { return redirect(of(c)).path == "/x/#{path}"; }},
      {list + ".redirect.query", "\"a=1&#{query}\"",
       [=](const Config& c) { return redirect(of(c)).query == "a=1&#{query}"; }},
      {list + ".redirect.status_code", "301",
       [=](const Config& c) { return redirect(of(c)).status_code == RedirectStatus::moved_permanently; }},
      {list + ".fixed_response.status_code", "404", [=](const Config& c) { return fixed(of(c)).status_code == 404; }},
      {list + ".fixed_response.content_type", "text/css",
       [=](const Config& c) { return fixed(of(c)).content_type == "text/css"; }},
      {list + ".fixed_response.message_body", "\"hello\\n\"",
       [=](const Config& c) { return fixed(of(c)).message_body == "hello\n"; }},
  };
}

std::vector<Row> health_rows() {
  const std::string prefix = "target_groups[].health_check.";
  return {
      {prefix + "enabled", "false", [](const Config& c) { return !group(c).health_check.enabled; }},
      {prefix + "protocol", "TCP",
       [](const Config& c) { return group(c).health_check.protocol == HealthProtocol::tcp; }},
      {prefix + "port", "8081", [](const Config& c) { return group(c).health_check.port == 8081; }},
      {prefix + "path", "\"/healthz?deep=1\"",
       [](const Config& c) { return group(c).health_check.path == "/healthz?deep=1"; }},
      {prefix + "interval", "5s", [](const Config& c) { return group(c).health_check.interval == 5s; }},
      {prefix + "timeout", "2s", [](const Config& c) { return group(c).health_check.timeout == 2s; }},
      {prefix + "healthy_threshold", "3", [](const Config& c) { return group(c).health_check.healthy_threshold == 3; }},
      {prefix + "unhealthy_threshold", "10",
       [](const Config& c) { return group(c).health_check.unhealthy_threshold == 10; }},
      {prefix + "matcher", "\"200-299,404\"",
       [](const Config& c) { return group(c).health_check.matcher == "200-299,404"; }},
  };
}

std::vector<Row> group_rows() {
  const std::string prefix = "target_groups[].";
  return {
      {prefix + "name", "g", [](const Config& c) { return group(c).name == "g"; }},
      {prefix + "protocol", "HTTPS", [](const Config& c) { return group(c).protocol == TargetProtocol::https; }},
      {prefix + "algorithm", "round_robin",
       [](const Config& c) { return group(c).algorithm == Algorithm::round_robin; }},  // no other yet
      {prefix + "outlier_detection.enabled", "false",
       [](const Config& c) { return !group(c).outlier_detection.enabled; }},
      {prefix + "outlier_detection.consecutive_failures", "6",
       [](const Config& c) { return group(c).outlier_detection.consecutive_failures == 6; }},
      {prefix + "outlier_detection.base_ejection_time", "11s",
       [](const Config& c) { return group(c).outlier_detection.base_ejection_time == 11s; }},
      {prefix + "outlier_detection.max_ejection_time", "12s",
       [](const Config& c) { return group(c).outlier_detection.max_ejection_time == 12s; }},
      {prefix + "outlier_detection.max_ejection_percent", "13",
       [](const Config& c) { return group(c).outlier_detection.max_ejection_percent == 13; }},
      {prefix + "tls.verify", "false", [](const Config& c) { return !group(c).tls.verify; }},
      {prefix + "tls.ca_file", "/ca.pem", [](const Config& c) { return group(c).tls.ca_file == "/ca.pem"; }},
      {prefix + "tls.server_name", "o.example",
       [](const Config& c) { return group(c).tls.server_name == "o.example"; }},
      {prefix + "retries", "0", [](const Config& c) { return group(c).retries == 0; }},
      {prefix + "idle_connections", "5", [](const Config& c) { return group(c).idle_connections == 5; }},
      {prefix + "deregistration_delay", "0", [](const Config& c) { return group(c).deregistration_delay == 0s; }},
      {prefix + "static_site.root", "/srv/www", [](const Config& c) { return group(c).static_site->root == "/srv/www"; }},
      {prefix + "static_site.index_document", "start.htm",
       [](const Config& c) { return group(c).static_site->index_document == "start.htm"; }},
      {prefix + "static_site.error_document", "e/404.html",
       [](const Config& c) { return group(c).static_site->error_document == "e/404.html"; }},
      {prefix + "static_site.hidden_files", "true", [](const Config& c) { return group(c).static_site->hidden_files; }},
      {prefix + "static_site.redirect_all_requests_to.host_name", "www.example.com",
       [](const Config& c) { return group(c).static_site->redirect_all_requests_to->host_name == "www.example.com"; }},
      {prefix + "static_site.redirect_all_requests_to.protocol", "https",
       [](const Config& c) { return group(c).static_site->redirect_all_requests_to->protocol == SiteProtocol::https; }},
      {prefix + "endpoints[].address", "web:80",
       [](const Config& c) { return group(c).endpoints.at(0).address == "web:80"; }},
      {prefix + "endpoints[].region", "r", [](const Config& c) { return group(c).endpoints.at(0).region == "r"; }},
      {prefix + "endpoints[].zone", "z", [](const Config& c) { return group(c).endpoints.at(0).zone == "z"; }},
      {prefix + "endpoints[].weight", "255", [](const Config& c) { return group(c).endpoints.at(0).weight == 255; }},
  };
}

const WebAcl& acl(const Config& config) { return config.web_acls.at(0); }

std::vector<Row> web_acl_rows() {
  const std::string prefix = "web_acls[].";
  return {
      {"listeners[].web_acl", "edge", [](const Config& c) { return listener(c).web_acl == "edge"; }},
      {"listeners[].rules[].web_acl", "api", [](const Config& c) { return rule(c).web_acl == "api"; }},
      {"limits.inspection_memory", "2MiB", [](const Config& c) { return c.limits.inspection_memory == 2u << 20; }},
      {prefix + "name", "edge", [](const Config& c) { return acl(c).name == "edge"; }},
      {prefix + "mode", "detect", [](const Config& c) { return acl(c).mode == WebAclMode::detect; }},
      {prefix + "rules", "[/etc/a.conf, '/etc/b/*.conf']",
       [](const Config& c) {
         return acl(c).rules == Texts{"/etc/a.conf", "/etc/b/*.conf"};
       }},
      {prefix + "paranoia", "3", [](const Config& c) { return acl(c).paranoia == 3; }},
      {prefix + "inbound_threshold", "10", [](const Config& c) { return acl(c).inbound_threshold == 10; }},
      {prefix + "outbound_threshold", "8", [](const Config& c) { return acl(c).outbound_threshold == 8; }},
      {prefix + "request_body.inspect", "false", [](const Config& c) { return !acl(c).request_body.inspect; }},
      {prefix + "request_body.limit", "64KiB", [](const Config& c) { return acl(c).request_body.limit == 64u << 10; }},
      {prefix + "request_body.oversize", "inspect_start",
       [](const Config& c) { return acl(c).request_body.oversize == Oversize::inspect_start; }},
      {prefix + "request_body.decompression_ratio", "50", [](const Config& c) { return acl(c).request_body.decompression_ratio == 50; }},
      {prefix + "request_body.decompress", "false", [](const Config& c) { return !acl(c).request_body.decompress; }},
      {prefix + "response_body.decompression_ratio", "50", [](const Config& c) { return acl(c).response_body.decompression_ratio == 50; }},
      {prefix + "response_body.decompress", "false", [](const Config& c) { return !acl(c).response_body.decompress; }},
      {prefix + "response_body.inspect", "true", [](const Config& c) { return acl(c).response_body.inspect; }},
      {prefix + "response_body.limit", "64KiB", [](const Config& c) { return acl(c).response_body.limit == 64u << 10; }},
      {prefix + "response_body.oversize", "reject",
       [](const Config& c) { return acl(c).response_body.oversize == Oversize::reject; }},
      {prefix + "response_body.content_types", "[text/css]",
       [](const Config& c) { return acl(c).response_body.content_types == Texts{"text/css"}; }},
      {prefix + "exclusions[].rules", "[942100, 942200-942299, 'tag:attack-sqli']",
       [](const Config& c) {
         return acl(c).exclusions.at(0).rules == Texts{"942100", "942200-942299", "tag:attack-sqli"};
       }},
      {prefix + "exclusions[].paths", "['/editor/*']",
       [](const Config& c) { return acl(c).exclusions.at(0).paths == Texts{"/editor/*"}; }},
      {prefix + "exclusions[].parameters", "[text, 'REQUEST_COOKIES:s']",
       [](const Config& c) {
         return acl(c).exclusions.at(0).parameters == Texts{"text", "REQUEST_COOKIES:s"};
       }},
  };
}

const CachePolicy& policy(const Config& config) { return config.cache.policies.at(0); }

std::vector<Row> cache_rows() {
  const std::string prefix = "cache.policies[].";
  return {
      {"listeners[].behaviors[].path_pattern", "'/static/*'",
       [](const Config& c) { return listener(c).behaviors.at(0).path_pattern == "/static/*"; }},
      {"listeners[].behaviors[].cache_policy", "assets",
       [](const Config& c) { return listener(c).behaviors.at(0).cache_policy == "assets"; }},
      {"cache.memory", "64MiB", [](const Config& c) { return c.cache.memory == 64u << 20; }},
      {"cache.object_max", "1MiB", [](const Config& c) { return c.cache.object_max == 1u << 20; }},
      {"cache.disk.path", "/var/cache/gatehouse", [](const Config& c) { return c.cache.disk.path == "/var/cache/gatehouse"; }},
      {"cache.disk.size", "1GiB", [](const Config& c) { return c.cache.disk.size == 1u << 30; }},
      {"cache.disk.object_max", "1GiB", [](const Config& c) { return c.cache.disk.object_max == 1u << 30; }},
      {"cache.purge_from", "['10.0.0.0/8']", [](const Config& c) { return c.cache.purge_from == Texts{"10.0.0.0/8"}; }},
      {prefix + "name", "assets", [](const Config& c) { return policy(c).name == "assets"; }},
      {prefix + "profile", "cloudfront", [](const Config& c) { return policy(c).profile == CacheProfile::cloudfront; }},
      {prefix + "targeted_fields", "[Gatehouse-Cache-Control]",
       [](const Config& c) { return policy(c).targeted_fields == Texts{"Gatehouse-Cache-Control"}; }},
      {prefix + "request_directives", "revalidate",
       [](const Config& c) { return policy(c).request_directives == RequestDirectives::revalidate; }},
      {prefix + "heuristic_max", "1h", [](const Config& c) { return policy(c).heuristic_max == 1h; }},
      {prefix + "stale_while_revalidate", "5s", [](const Config& c) { return policy(c).stale_while_revalidate == 5s; }},
      {prefix + "stale_if_error", "1m", [](const Config& c) { return policy(c).stale_if_error == 1min; }},
      {prefix + "stale_deadline", "250ms", [](const Config& c) { return policy(c).stale_deadline == 250ms; }},
      {prefix + "cache_status", "false", [](const Config& c) { return !policy(c).cache_status; }},
  };
}

const Behavior& behavior(const Config& config) { return listener(config).behaviors.at(0); }

std::vector<Row> list_rows(const std::string& prefix, const HeadersConfig& (*headers)(const Config&), const CookiesConfig& (*cookies)(const Config&),
                           const QueryStringsConfig& (*queries)(const Config&)) {
  return {
      {prefix + "headers_config.header_behavior", "whitelist",
       [=](const Config& c) { return headers(c).header_behavior == HeaderBehavior::whitelist; }},
      {prefix + "headers_config.headers", "[X-Shop]", [=](const Config& c) { return headers(c).headers == Texts{"X-Shop"}; }},
      {prefix + "cookies_config.cookie_behavior", "allExcept",
       [=](const Config& c) { return cookies(c).cookie_behavior == ListBehavior::all_except; }},
      {prefix + "cookies_config.cookies", "[id]", [=](const Config& c) { return cookies(c).cookies == Texts{"id"}; }},
      {prefix + "query_strings_config.query_string_behavior", "all",
       [=](const Config& c) { return queries(c).query_string_behavior == ListBehavior::all; }},
      {prefix + "query_strings_config.query_strings", "[q]", [=](const Config& c) { return queries(c).query_strings == Texts{"q"}; }},
  };
}

std::vector<Row> cloudfront_rows() {
  const std::string policies = "cache.policies[].", behaviors = "listeners[].behaviors[].", errors = "listeners[].custom_error_responses[].";
  std::vector<Row> rows{
      {behaviors + "origin_request_policy", "AllViewer", [](const Config& c) { return behavior(c).origin_request_policy == "AllViewer"; }},
      {behaviors + "target_origin", "other", [](const Config& c) { return behavior(c).target_origin == "other"; }},
      {behaviors + "viewer_protocol_policy", "https-only",
       [](const Config& c) { return behavior(c).viewer_protocol_policy == ViewerProtocolPolicy::https_only; }},
      {behaviors + "allowed_methods", "[GET, PATCH]",
       [](const Config& c) { return behavior(c).allowed_methods == std::vector{AllowedMethod::get, AllowedMethod::patch}; }},
      {behaviors + "cached_methods", "[GET, OPTIONS]",
       [](const Config& c) { return behavior(c).cached_methods == std::vector{AllowedMethod::get, AllowedMethod::options}; }},
      {behaviors + "compress", "true", [](const Config& c) { return behavior(c).compress; }},
      {"listeners[].cache_tag_config.header_name", "X-Tags", [](const Config& c) { return listener(c).cache_tag_config.header_name == "X-Tags"; }},
      {policies + "set_cookie", "strip", [](const Config& c) { return policy(c).set_cookie == SetCookieRule::strip; }},
      {"listeners[].default_root_object", "index.html", [](const Config& c) { return listener(c).default_root_object == "index.html"; }},
      {errors + "error_code", "404", [](const Config& c) { return listener(c).custom_error_responses.at(0).error_code == 404; }},
      {errors + "response_page_path", "/404.html",
       [](const Config& c) { return listener(c).custom_error_responses.at(0).response_page_path == "/404.html"; }},
      {errors + "response_code", "200", [](const Config& c) { return listener(c).custom_error_responses.at(0).response_code == 200; }},
      {errors + "error_caching_min_ttl", "7s",
       [](const Config& c) { return listener(c).custom_error_responses.at(0).error_caching_min_ttl == 7s; }},
      {"origin_groups[].name", "pair", [](const Config& c) { return c.origin_groups.at(0).name == "pair"; }},
      {"origin_groups[].members", "[a, b]", [](const Config& c) { return c.origin_groups.at(0).members == Texts{"a", "b"}; }},
      {"origin_groups[].failover_status_codes", "[503]",
       [](const Config& c) { return c.origin_groups.at(0).failover_status_codes == std::vector<std::uint16_t>{503}; }},
      {"origin_request_policies[].name", "some", [](const Config& c) { return c.origin_request_policies.at(0).name == "some"; }},
      {policies + "min_ttl", "1m", [](const Config& c) { return policy(c).min_ttl == 1min; }},
      {policies + "default_ttl", "2m", [](const Config& c) { return policy(c).default_ttl == 2min; }},
      {policies + "max_ttl", "3m", [](const Config& c) { return policy(c).max_ttl == 3min; }},
      {policies + "enable_accept_encoding_gzip", "true", [](const Config& c) { return policy(c).enable_accept_encoding_gzip; }},
      {policies + "enable_accept_encoding_brotli", "true", [](const Config& c) { return policy(c).enable_accept_encoding_brotli; }},
  };
  const auto add = [&](std::vector<Row> more) { rows.insert(rows.end(), more.begin(), more.end()); };
  add(list_rows(
      policies, [](const Config& c) -> const HeadersConfig& { return policy(c).headers_config; },
      [](const Config& c) -> const CookiesConfig& { return policy(c).cookies_config; },
      [](const Config& c) -> const QueryStringsConfig& { return policy(c).query_strings_config; }));
  add(list_rows(
      "origin_request_policies[].", [](const Config& c) -> const HeadersConfig& { return c.origin_request_policies.at(0).headers_config; },
      [](const Config& c) -> const CookiesConfig& { return c.origin_request_policies.at(0).cookies_config; },
      [](const Config& c) -> const QueryStringsConfig& { return c.origin_request_policies.at(0).query_strings_config; }));
  return rows;
}

std::vector<Row> viewer_rows() {
  const auto filter = [](const Config& c) { return *listener(c).filters.at(0).geo_restriction; };
  return {
      {"geo.database", "/c.mmdb", [](const Config& c) { return c.geo.database == "/c.mmdb"; }},
      {"geo.asn_database", "/a.mmdb", [](const Config& c) { return c.geo.asn_database == "/a.mmdb"; }},
      {"listeners[].filters[].geo_restriction.restriction_type", "blacklist",
       [=](const Config& c) { return filter(c).restriction_type == RestrictionType::blacklist; }},
      {"listeners[].filters[].geo_restriction.locations", "[SE, NO]",
       [=](const Config& c) { return filter(c).locations == Texts{"SE", "NO"}; }},
  };
}

const ResponseHeadersPolicy& headers(const Config& c) { return c.response_headers_policies.at(0); }
const CorsConfig& cors(const Config& c) { return *headers(c).cors_config; }
const SecurityHeadersConfig& security(const Config& c) { return headers(c).security_headers_config; }

std::vector<Row> cors_rows() {
  const std::string policy = "response_headers_policies[].", at = policy + "cors_config.";
  return {
      {"listeners[].behaviors[].response_headers_policy", "h",
       [](const Config& c) { return behavior(c).response_headers_policy == "h"; }},
      {policy + "name", "h", [](const Config& c) { return headers(c).name == "h"; }},
      {at + "access_control_allow_credentials", "true", [](const Config& c) { return cors(c).access_control_allow_credentials; }},
      {at + "access_control_allow_headers", "[A, '*']",
       [](const Config& c) { return cors(c).access_control_allow_headers == Texts{"A", "*"}; }},
      {at + "access_control_allow_methods", "[GET, ALL]",
       [](const Config& c) { return cors(c).access_control_allow_methods == std::vector{CorsMethod::get, CorsMethod::all}; }},
      {at + "access_control_allow_origins", "['*', 'https://*.a.example:81', 'null']",
       [](const Config& c) { return cors(c).access_control_allow_origins.at(1) == "https://*.a.example:81"; }},
      {at + "access_control_expose_headers", "[A]", [](const Config& c) { return cors(c).access_control_expose_headers == Texts{"A"}; }},
      {at + "access_control_max_age_sec", "7", [](const Config& c) { return cors(c).access_control_max_age_sec == 7; }},
      {at + "origin_override", "true", [](const Config& c) { return cors(c).origin_override; }},
  };
}

std::vector<Row> security_rows() {
  const std::string at = "response_headers_policies[].security_headers_config.";
  return {
      {at + "content_security_policy.content_security_policy", "x y",
       [](const Config& c) { return security(c).content_security_policy->content_security_policy == "x y"; }},
      {at + "content_security_policy.override", "true", [](const Config& c) { return security(c).content_security_policy->override; }},
      {at + "content_type_options.override", "true", [](const Config& c) { return security(c).content_type_options->override; }},
      {at + "frame_options.frame_option", "DENY",
       [](const Config& c) { return security(c).frame_options->frame_option == FrameOption::deny; }},
      {at + "frame_options.override", "true", [](const Config& c) { return security(c).frame_options->override; }},
      {at + "referrer_policy.referrer_policy", "origin", [](const Config& c) { return security(c).referrer_policy->referrer_policy == "origin"; }},
      {at + "referrer_policy.override", "true", [](const Config& c) { return security(c).referrer_policy->override; }},
      {at + "strict_transport_security.access_control_max_age_sec", "9",
       [](const Config& c) { return security(c).strict_transport_security->access_control_max_age_sec == 9; }},
      {at + "strict_transport_security.include_subdomains", "true",
       [](const Config& c) { return security(c).strict_transport_security->include_subdomains; }},
      {at + "strict_transport_security.preload", "true", [](const Config& c) { return security(c).strict_transport_security->preload; }},
      {at + "strict_transport_security.override", "true", [](const Config& c) { return security(c).strict_transport_security->override; }},
      {at + "xss_protection.protection", "true", [](const Config& c) { return security(c).xss_protection->protection; }},
      {at + "xss_protection.mode_block", "true", [](const Config& c) { return security(c).xss_protection->mode_block; }},
      {at + "xss_protection.report_uri", "/r", [](const Config& c) { return security(c).xss_protection->report_uri == "/r"; }},
      {at + "xss_protection.override", "true", [](const Config& c) { return security(c).xss_protection->override; }},
  };
}

std::vector<Row> response_headers_rows() {
  const std::string at = "response_headers_policies[].";
  return {
      {at + "custom_headers_config.items[].header", "X-A", [](const Config& c) { return headers(c).custom_headers_config.items.at(0).header == "X-A"; }},
      {at + "custom_headers_config.items[].value", "v w", [](const Config& c) { return headers(c).custom_headers_config.items.at(0).value == "v w"; }},
      {at + "custom_headers_config.items[].override", "true", [](const Config& c) { return headers(c).custom_headers_config.items.at(0).override; }},
      {at + "remove_headers_config.items[].header", "Server", [](const Config& c) { return headers(c).remove_headers_config.items.at(0).header == "Server"; }},
      {at + "server_timing_headers_config.enabled", "true", [](const Config& c) { return headers(c).server_timing_headers_config.enabled; }},
      {at + "server_timing_headers_config.sampling_rate", "12.5",
       [](const Config& c) { return headers(c).server_timing_headers_config.sampling_rate == 12.5; }},
  };
}

std::vector<Row> signing_rows() {
  const std::string headers = "target_groups[].origin_custom_headers[].";
  const std::string control = "target_groups[].origin_access_control.";
  const auto header = [](const Config& c) { return group(c).origin_custom_headers.at(0); };
  return {
      {"public_keys[].id", "K1", [](const Config& c) { return c.public_keys.at(0).id == "K1"; }},
      {"public_keys[].public_key_file", "/k.pem", [](const Config& c) { return c.public_keys.at(0).public_key_file == "/k.pem"; }},
      {"key_groups[].name", "g", [](const Config& c) { return c.key_groups.at(0).name == "g"; }},
      {"key_groups[].public_keys", "[K1]", [](const Config& c) { return c.key_groups.at(0).public_keys == Texts{"K1"}; }},
      {"listeners[].behaviors[].trusted_key_groups", "[g]",
       [](const Config& c) { return listener(c).behaviors.at(0).trusted_key_groups == Texts{"g"}; }},
      {"target_groups[].origin_path", "/site", [](const Config& c) { return group(c).origin_path == "/site"; }},
      {headers + "header_name", "X-Key", [=](const Config& c) { return header(c).header_name == "X-Key"; }},
      {headers + "header_value", "'a b'", [=](const Config& c) { return header(c).header_value == "a b"; }},
      {control + "origin_type", "s3", [](const Config& c) { return group(c).origin_access_control->origin_type == OriginType::s3; }},
      {control + "signing_protocol", "sigv4",
       [](const Config& c) { return group(c).origin_access_control->signing_protocol == SigningProtocol::sigv4; }},
      {control + "signing_behavior", "no-override",
       [](const Config& c) { return group(c).origin_access_control->signing_behavior == SigningBehavior::no_override; }},
      {control + "region", "eu-north-1", [](const Config& c) { return group(c).origin_access_control->region == "eu-north-1"; }},
      {control + "service", "lambda", [](const Config& c) { return group(c).origin_access_control->service == "lambda"; }},
      {control + "access_key_id", "AKIA1", [](const Config& c) { return group(c).origin_access_control->access_key_id == "AKIA1"; }},
      {control + "secret_access_key_file", "/secret",
       [](const Config& c) { return group(c).origin_access_control->secret_access_key_file == "/secret"; }},
      {control + "secret_access_key_command", "[cat, secret]",
       [](const Config& c) { return group(c).origin_access_control->secret_access_key_command == Texts{"cat", "secret"}; }},
  };
}

std::vector<Row> rows() {
  std::vector<Row> all = process_rows();
  const auto add = [&](std::vector<Row> more) { all.insert(all.end(), more.begin(), more.end()); };
  add(limit_rows());
  add(listener_rows());
  add(action_rows("listeners[].rules[].actions[]",
                  [](const Config& c) -> const std::vector<Action>& { return rule(c).actions; }));
  add(action_rows("listeners[].default_actions[]",
                  [](const Config& c) -> const std::vector<Action>& { return listener(c).default_actions; }));
  add(health_rows());
  add(group_rows());
  add(web_acl_rows());
  add(cache_rows());
  add(signing_rows());
  add(cloudfront_rows());
  add(viewer_rows());
  add(cors_rows());
  add(security_rows());
  add(response_headers_rows());
  return all;
}

/// "listeners[].tls.certificates" and "[c]" as "listeners: [{tls: {certificates: [c]}}]".
std::string nested(const std::string& path, const std::string& value) {
  const std::size_t dot = path.find('.');
  std::string step = path.substr(0, dot);
  const bool is_list = step.ends_with("[]");
  if (is_list) step.resize(step.size() - 2);
  if (dot == std::string::npos) return "{" + step + ": " + value + "}";
  const std::string inner = nested(path.substr(dot + 1), value);
  return "{" + step + ": " + (is_list ? "[" + inner + "]" : inner) + "}";
}

/// Problems that only say that required neighbours are missing do not matter to one key.
bool matters(const Problem& problem) { return problem.message.find("is missing") == std::string::npos; }

/// The value alone, read by the table of keys: without the checks across fields, which want the rest of the file too.
Config read_alone(const Row& row, Problems& problems) {
  const LoadOptions options = test_options();
  const auto tree = parse_tree(nested(row.key, row.yaml), "test.yaml", options, problems);
  Config config;
  const std::string file = "test.yaml";
  const std::string folder;
  Problems found;
  Reader reader(file, folder, options.environment, found);
  if (tree) read_section(reader, *tree, config_section(), config);
  for (const Problem& problem : found) {
    if (matters(problem)) problems.add(problem);
  }
  return config;
}

TEST(Binding, every_key_arrives_in_its_member) {
  for (const Row& row : rows()) {
    Problems problems;
    const Config config = read_alone(row, problems);
    ASSERT_TRUE(problems.empty()) << row.key << "\n" << to_text(problems);
    EXPECT_TRUE(row.arrived(config)) << row.key << ": " << row.yaml;
  }
}

TEST(Binding, the_values_of_these_tests_are_no_defaults) {
  // Keys with a single possible value cannot differ from it.
  const std::set<std::string> only_one{"version", "logs.access.format", "target_groups[].algorithm",
                                    "target_groups[].origin_access_control.origin_type",
                                    "target_groups[].origin_access_control.signing_protocol"};
  std::map<std::string, std::string> defaults;
  for (const KeyDescription& key : describe()) defaults[key.path] = key.default_value;
  for (const Row& row : rows()) {
    if (!only_one.contains(row.key)) EXPECT_NE(defaults.at(row.key), row.yaml) << row.key;
  }
}

TEST(Binding, every_key_has_a_test_and_a_description) {
  std::set<std::string> tested;
  for (const Row& row : rows()) tested.insert(row.key);
  std::set<std::string> described;
  for (const KeyDescription& key : describe()) {
    EXPECT_GT(key.meaning.size(), 4u) << key.path;
    if (key.type != "mapping" && key.type != "list of mappings") described.insert(key.path);
  }
  EXPECT_EQ(tested, described);
}

}  // namespace
}  // namespace gatehouse::config
