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
      {"cache.purge_from", "['10.0.0.0/8']", [](const Config& c) { return c.cache.purge_from == Texts{"10.0.0.0/8"}; }},
      {prefix + "name", "assets", [](const Config& c) { return policy(c).name == "assets"; }},
      {prefix + "profile", "rfc9111", [](const Config& c) { return policy(c).profile == CacheProfile::rfc9111; }},
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
  const std::set<std::string> only_one{"version", "logs.access.format", "target_groups[].algorithm", "cache.policies[].profile"};
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
