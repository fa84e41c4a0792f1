// Single values that are refused: each class of mistake with the exact message and hint.
#include <gmock/gmock.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The problems of one more line below the least that loads.
std::vector<std::string> with(const std::string& line) { return problems_of(one_listener + line + "\n"); }
/// The same, with the line inside the listener.
std::vector<std::string> in_listener(const std::string& line) { return with("    " + line); }

TEST(Values, unknown_keys_get_a_suggestion_or_the_list) {
  EXPECT_THAT(with("limts: {}"), ElementsAre("5:1: unknown key 'limts' (did you mean 'limits'?)"));
  EXPECT_THAT(with("Workers: 1"), ElementsAre("5:1: unknown key 'Workers' (did you mean 'workers'?)"));
  EXPECT_THAT(with("admin: { adress: x }"),
              ElementsAre("5:10: admin: unknown key 'adress' (keys here: listen, allowed_hosts)"));
  EXPECT_THAT(in_listener("portocol: HTTP"),
              ElementsAre("5:5: listeners[0]: unknown key 'portocol' (did you mean 'protocol'?)"));
}

TEST(Values, missing_keys_are_named) {
  EXPECT_THAT(problems_of("version: 1\n"), ElementsAre("1:1: 'listeners' is missing (Where clients connect.)"));
  EXPECT_THAT(problems_of("listeners: []\n"),
              ElementsAre("1:12: listeners: the list is empty (it needs at least one entry)"));
  EXPECT_THAT(problems_of("listeners: [ {} ]\n"),
              ElementsAre("1:14: listeners[0]: 'name' is missing (Its name in logs, metrics and the admin API.)",
                          "1:14: listeners[0]: 'address' is missing (Where it listens. `localhost` is 127.0.0.1.)",
                          "1:14: listeners[0]: 'default_actions' is missing (What happens when no rule matches.)"));
}

TEST(Values, shapes_are_checked) {
  EXPECT_THAT(with("admin: 127.0.0.1:9900"), ElementsAre("5:8: admin: expected a mapping, found '127.0.0.1:9900'"));
  EXPECT_THAT(with("admin:"),
              ElementsAre("5:1: admin: expected a mapping, found nothing (give it a value, or remove the key)"));
  EXPECT_THAT(with("admin: { allowed_hosts: a }"),
              ElementsAre("5:25: admin.allowed_hosts: expected a list, found 'a' (put it in brackets: [ ... ])"));
  EXPECT_THAT(with("workers: [1]"), ElementsAre("5:10: workers: expected a whole number, found a list"));
  EXPECT_THAT(with("regions: { name: a }"),
              ElementsAre("5:10: regions: expected a list, found a mapping (put it in brackets: [ ... ])"));
  EXPECT_THAT(problems_of("- a\n"), ElementsAre("1:1: expected a mapping, found a list"));
}

TEST(Values, whole_numbers) {
  EXPECT_THAT(with("workers: many"),
              ElementsAre("5:10: workers: expected a whole number, found 'many' (the range is 0 to 1024)"));
  EXPECT_THAT(with("workers: 1025"), ElementsAre("5:10: workers: 1025 is out of range: 0 to 1024"));
  EXPECT_THAT(with("version: 2"), ElementsAre("5:10: version: 2 is out of range: only 1"));
  for (const char* bad : {"-1", "1.5", "0x10", "010", "1e3", "1_000", "99999999999999999999999"}) {
    EXPECT_EQ(with(std::string("workers: ") + bad).size(), 1u) << bad;
  }
}

TEST(Values, numbers_flags_and_choices) {
  EXPECT_THAT(with("regions: [ { name: a, traffic_dial: 101 } ]"),
              testing::Contains("5:37: regions[0].traffic_dial: 101 is out of range: 0 to 100"));
  EXPECT_THAT(
      with("regions: [ { name: a, traffic_dial: half } ]"),
      testing::Contains("5:37: regions[0].traffic_dial: expected a number, found 'half' (the range is 0 to 100)"));
  EXPECT_THAT(in_listener("forwarded_headers: { client_port: yes }"),
              ElementsAre("5:39: listeners[0].forwarded_headers.client_port: expected true or false, found 'yes'"));
  EXPECT_THAT(in_listener("protocol: http"),
              ElementsAre("5:15: listeners[0].protocol: expected HTTP or HTTPS, found 'http' (did you mean 'HTTP'?)"));
  EXPECT_THAT(in_listener("protocol: gopher"),
              ElementsAre("5:15: listeners[0].protocol: expected HTTP or HTTPS, found 'gopher'"));
}

TEST(Values, durations_and_sizes) {
  EXPECT_THAT(with("drain_timeout: 30"), ElementsAre("5:16: drain_timeout: expected a duration, found '30' "
                                                     "(a whole number with its unit: 250ms, 5s, 1m, 8h)"));
  EXPECT_THAT(with("drain_timeout: 2h"), ElementsAre("5:16: drain_timeout: 2h is out of range: 0 to 1h"));
  EXPECT_THAT(with("limits: { request_line: 16K }"),
              ElementsAre("5:25: limits.request_line: expected a size, found '16K' "
                          "(a whole number with its unit: 512B, 16KiB, 256MiB, 10GB)"));
  EXPECT_THAT(with("limits: { request_line: 1GiB }"),
              ElementsAre("5:25: limits.request_line: 1GiB is out of range: 256B to 16KiB"));
  EXPECT_THAT(with("limits: { request_body: 0 }"), IsEmpty());
  EXPECT_THAT(with("limits: { request_line: 0 }"),
              ElementsAre("5:25: limits.request_line: 0 is out of range: 256B to 16KiB"));
}

TEST(Values, names) {
  EXPECT_THAT(in_listener("tls: { certificates: [\"a b\"] }"),
              testing::Contains("5:27: listeners[0].tls.certificates[0]: 'a b' is no name "
                                "(use letters, digits, '-', '_' and '.')"));
  EXPECT_THAT(with("regions: [ { name: \"\" } ]"), ElementsAre("5:20: regions[0].name: the name is empty"));
  EXPECT_THAT(with("regions: [ { name: " + std::string(65, 'a') + " } ]"),
              ElementsAre("5:20: regions[0].name: name is too long: 65 bytes, at most 64"));
}

/// What is wrong with an address of the admin API, which has the same form as a listener's.
std::string admin_problem(const std::string& address) {
  const auto problems = with("admin: { listen: \"" + address + "\", allowed_hosts: [a] }");
  return problems.empty() ? "" : problems.at(0).substr(std::string("5:18: admin.listen: ").size());
}

TEST(Values, listen_addresses) {
  const std::string wanted = "expected an IP address and a port, such as '0.0.0.0:8080' or '[::]:8080', found ";
  EXPECT_EQ(admin_problem("127.0.0.1:0"), "");
  EXPECT_EQ(admin_problem("[::1]:9900"), "");
  EXPECT_EQ(admin_problem("localhost:9900"), "");
  EXPECT_EQ(admin_problem("unix:/run/gatehouse.sock"), "");
  EXPECT_EQ(admin_problem("unix:gatehouse.sock"),
            "the path of a unix socket has to be absolute (unix:/run/gatehouse.sock)");
  EXPECT_EQ(admin_problem("unix:/" + std::string(110, 'a')), "a unix socket's path has at most 107 bytes");
  EXPECT_EQ(admin_problem("127.0.0.1"), wanted + "'127.0.0.1' (the port is missing)");
  EXPECT_EQ(admin_problem("127.0.0.1:65536"), wanted + "'127.0.0.1:65536'");
  EXPECT_EQ(admin_problem(":9900"),
            wanted + "':9900' (all addresses of the machine are '0.0.0.0:9900' or '[::]:9900')");
  EXPECT_EQ(admin_problem("::1:9900"),
            wanted + "'::1:9900' (an IPv6 address stands in brackets, with the port behind: '[::1]:8080')");
  EXPECT_EQ(admin_problem("http://127.0.0.1:9900"),
            wanted + "'http://127.0.0.1:9900' (leave the scheme out: address and port only)");
  EXPECT_EQ(admin_problem("gateway:9900"),
            wanted + "'gateway:9900' (a listener binds an address; names are not resolved for it)");
  EXPECT_EQ(load_clean(one_listener + "admin: { listen: 'localhost:9901' }\n").admin.listen, "127.0.0.1:9901");
}

std::string endpoint_problem(const std::string& address) {
  const std::string text =
      "listeners: [ { name: a, address: '127.0.0.1:1', default_actions: [ { forward: { target_groups: [ { name: g } ] "
      "} } ] } ]\n"
      "target_groups: [ { name: g, endpoints: [ { address: \"" +
      address + "\" } ] } ]\n";
  const auto problems = problems_of(text);
  return problems.empty() ? ""
                          : problems.at(0).substr(std::string("2:53: target_groups[0].endpoints[0].address: ").size());
}

TEST(Values, endpoint_addresses) {
  const std::string wanted =
      "expected an address and a port, such as '10.0.0.7:8080', '[fd00::7]:8080' or 'web:8080', found ";
  EXPECT_EQ(endpoint_problem("10.0.0.7:80"), "");
  EXPECT_EQ(endpoint_problem("[fd00::7]:80"), "");
  EXPECT_EQ(endpoint_problem("origin_a.internal:80"), "");
  EXPECT_EQ(endpoint_problem("web:0"), "port 0 cannot be connected to (use the port the origin listens on)");
  EXPECT_EQ(endpoint_problem("web"), wanted + "'web'");
  EXPECT_EQ(endpoint_problem("we b:80"), wanted + "'we b:80'");
  EXPECT_EQ(endpoint_problem("[10.0.0.7]:80"), wanted + "'[10.0.0.7]:80'");
  EXPECT_EQ(endpoint_problem("fd00::7"),
            wanted + "'fd00::7' (an IPv6 address stands in brackets, with the port behind: '[::1]:8080')");
}

TEST(Values, cidr_blocks) {
  const auto deny = [](const std::string& block) {
    return in_listener("filters: [ { access_list: { deny: [\"" + block + "\"] } } ]");
  };
  const std::string at = "5:40: listeners[0].filters[0].access_list.deny[0]: ";
  EXPECT_THAT(deny("10.0.0.0/8"), IsEmpty());
  EXPECT_THAT(deny("0.0.0.0/0"), IsEmpty());
  EXPECT_THAT(deny("2001:db8::/32"), IsEmpty());
  EXPECT_THAT(deny("10.0.0.1/8"), ElementsAre(at + "'10.0.0.1/8' has address bits set behind its prefix "
                                                   "(did you mean '10.0.0.0/8' or '10.0.0.1'?)"));
  EXPECT_THAT(deny("10.1.2.3/22"), ElementsAre(at + "'10.1.2.3/22' has address bits set behind its prefix "
                                                    "(did you mean '10.1.0.0/22' or '10.1.2.3'?)"));
  for (const char* bad : {"10.0.0/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "example.com"}) {
    EXPECT_THAT(deny(bad), ElementsAre(at + "'" + bad +
                                       "' is no CIDR block (such as '10.0.0.0/8', '2001:db8::/32' or '192.0.2.7')"));
  }
}

/// Problems of one condition in the first rule.
std::vector<std::string> condition(const std::string& text) {
  return in_listener("rules: [ { priority: 1, actions: [ { fixed_response: {} } ], conditions: [ { " + text +
                     " } ] } ]");
}

TEST(Values, patterns_of_rules) {
  EXPECT_THAT(condition("host_header: [\"*.Example.com\", localhost, \"10.0.0.?\"]"), IsEmpty());
  EXPECT_THAT(condition("host_header: [\"a.com:80\"]"),
              ElementsAre("5:96: listeners[0].rules[0].conditions[0].host_header[0]: host pattern 'a.com:80' holds the "
                          "character ':' (letters, digits, '-', '.', '*' and '?'; the port is not compared)"));
  EXPECT_THAT(condition("path_pattern: [\"/a_-.$$/~'@:+&*?\", '/\"']"), IsEmpty());
  EXPECT_THAT(
      condition("path_pattern: [\"/a%20b\"]"),
      ElementsAre("5:97: listeners[0].rules[0].conditions[0].path_pattern[0]: path pattern '/a%20b' holds the "
                  "character '%' (letters, digits, _-.$/~\"'@:+& and the wildcards '*' and '?'; the query is not "
                  "compared)"));
  EXPECT_THAT(condition("path_pattern: [" + std::string(128, 'a') + "]"), IsEmpty());
  EXPECT_THAT(
      condition("path_pattern: [" + std::string(129, 'a') + "]"),
      ElementsAre("5:97: listeners[0].rules[0].conditions[0].path_pattern[0]: path pattern is too long: 129 bytes, "
                  "at most 128"));
  EXPECT_THAT(condition("path_pattern: [\"\"]"),
              ElementsAre("5:97: listeners[0].rules[0].conditions[0].path_pattern[0]: the path pattern is empty"));
  EXPECT_THAT(
      condition("path_pattern: []"),
      ElementsAre(
          "5:96: listeners[0].rules[0].conditions[0].path_pattern: the list is empty (it needs at least one entry)"));
}

TEST(Values, priorities) {
  const auto rule = [](const std::string& priority) {
    return in_listener("rules: [ { priority: " + priority +
                       ", conditions: [ { path_pattern: [\"*\"] } ], actions: [ { fixed_response: {} } ] } ]");
  };
  EXPECT_THAT(rule("1"), IsEmpty());
  EXPECT_THAT(rule("50000"), IsEmpty());
  EXPECT_THAT(rule("0"), ElementsAre("5:26: listeners[0].rules[0].priority: 0 is out of range: 1 to 50000"));
  EXPECT_THAT(rule("50001"), ElementsAre("5:26: listeners[0].rules[0].priority: 50001 is out of range: 1 to 50000"));
}

/// The first problem of an action's only key, without its place and field.
std::string action_problem(const std::string& kind, const std::string& text) {
  const auto problems = problems_of("listeners: [ { name: a, address: '127.0.0.1:80', default_actions: [ { " + kind +
                                    ": { " + text + " } } ] } ]");
  if (problems.empty()) return "";
  const std::string field = "listeners[0].default_actions[0]." + kind;
  const std::size_t start = problems[0].find(": ", problems[0].find(field));
  return problems[0].substr(start + 2);
}

TEST(Values, redirects) {
  const auto redirect = [](const std::string& text) { return action_problem("redirect", "protocol: HTTPS, " + text); };
  EXPECT_EQ(redirect("host: \"#{host}.example.com\", port: \"#{port}\", path: \"/a/#{path}\", query: \"b=1&#{query}\""),
            "");
  EXPECT_EQ(redirect("port: 0"), "expected a port from 1 to 65535 or #{port}, found '0'");
  EXPECT_EQ(redirect("port: \"8#{port}\""), "expected a port from 1 to 65535 or #{port}, found '8#{port}'");
  EXPECT_EQ(action_problem("redirect", "protocol: FTP"),
            "expected HTTP, HTTPS or #{protocol}, found 'FTP' (one of: HTTP, HTTPS, #{protocol})");
  EXPECT_EQ(redirect("path: a"), "path 'a' does not start with '/'");
  EXPECT_EQ(redirect("path: \"/a?b\""),
            "path '/a?b' holds the character '?' (percent-encode it; a query has its own key)");
  EXPECT_EQ(redirect("path: \"/#{pfad}\""),
            "unknown placeholder in '/#{pfad}' (there are #{protocol}, #{host}, #{port}, #{path} and #{query})");
  EXPECT_EQ(
      redirect("path: \"/a\\r\\nSet-Cookie: b\""),
      "path '/a\\x0d\\x0aSet-Cookie: b' holds the character '\\x0d' (percent-encode it; a query has its own key)");
  EXPECT_EQ(redirect("query: \"?a\""), "the query starts with '?' (leave it out; it is added)");
  EXPECT_EQ(redirect("host: \"http://a\""),
            "host 'http://a' holds the character ':' (a host name or address, without scheme, port and path)");
  EXPECT_EQ(redirect("status_code: 303"), "expected 301 or 302, found '303' (did you mean '301'?)");
}

TEST(Values, fixed_responses) {
  EXPECT_EQ(action_problem("fixed_response", "status_code: 600"), "600 is out of range: 200 to 599");
  EXPECT_EQ(action_problem("fixed_response", "status_code: 100"), "100 is out of range: 200 to 599");
  EXPECT_EQ(action_problem("fixed_response", "content_type: text/htm"),
            "content type 'text/htm' is not allowed (did you mean 'text/html'?)");
  EXPECT_EQ(action_problem("fixed_response", "message_body: " + std::string(1024, 'a')), "");
  EXPECT_EQ(action_problem("fixed_response", "message_body: " + std::string(1025, 'a')),
            "text is too long: 1025 bytes, at most 1024");
}

/// The same for a key of a health check.
std::string health_problem(const std::string& text) {
  const auto problems = problems_of(
      "listeners: [ { name: a, address: '127.0.0.1:1', default_actions: [ { forward: { target_groups: [ { name: g } ] "
      "} } ] } ]\n"
      "target_groups: [ { name: g, endpoints: [ { address: 'a:1' } ], health_check: { " +
      text + " } } ]\n");
  return problems.empty() ? "" : problems.at(0).substr(problems[0].find("health_check.") + 13);
}

TEST(Values, health_checks) {
  EXPECT_EQ(health_problem("healthy_threshold: 1"), "healthy_threshold: 1 is out of range: 2 to 10");
  EXPECT_EQ(health_problem("unhealthy_threshold: 11"), "unhealthy_threshold: 11 is out of range: 2 to 10");
  EXPECT_EQ(health_problem("interval: 301s"), "interval: 301s is out of range: 100ms to 5m");
  EXPECT_EQ(
      health_problem("path: healthz"),
      "path: 'healthz' is no request path (it starts with '/' and has no spaces, '#' or characters beyond ASCII; it "
      "may hold a query)");
  for (const char* good : {"200", "200,202", "200-299", "200-204,301,400-499"}) {
    EXPECT_EQ(health_problem(std::string("matcher: \"") + good + "\""), "") << good;
  }
  for (const char* bad : {"2xx", "200,", "200 ,202", "299-200", "199", "500", "200-500", ",", "200--299"}) {
    EXPECT_EQ(health_problem(std::string("matcher: \"") + bad + "\""),
              std::string("matcher: '") + bad +
                  "' is no matcher (codes from 200 to 499 as '200', '200,202' or '200-299', without spaces)");
  }
}

TEST(Values, security_policies) {
  const auto policy = [](const std::string& name) {
    return in_listener("tls: { security_policy: " + name + " }").at(1);
  };
  EXPECT_EQ(policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-08"),
            "5:29: listeners[0].tls.security_policy: unknown security policy 'ELBSecurityPolicy-TLS13-1-2-Res-2021-08' "
            "(did you mean 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06'?)");
  EXPECT_EQ(policy("TLS13-1-3-2021-06"),
            "5:29: listeners[0].tls.security_policy: unknown security policy 'TLS13-1-3-2021-06' "
            "(did you mean 'ELBSecurityPolicy-TLS13-1-3-2021-06'?)");
}

TEST(Values, exactly_one_of) {
  const std::string keys = "forward, redirect, fixed_response";
  EXPECT_THAT(problems_of("listeners: [ { name: a, address: '127.0.0.1:1', default_actions: [ {} ] } ]"),
              ElementsAre("1:68: listeners[0].default_actions[0]: one of these keys has to be given: " + keys));
  EXPECT_THAT(problems_of("listeners: [ { name: a, address: '127.0.0.1:1', default_actions: "
                          "[ { fixed_response: {}, redirect: { protocol: HTTPS } } ] } ]"),
              ElementsAre("1:68: listeners[0].default_actions[0]: only one of these keys may be given: " + keys +
                          " (write one entry for each)"));
  EXPECT_THAT(
      condition("host_header: [a.b], path_pattern: [/]"),
      ElementsAre("5:80: listeners[0].rules[0].conditions[0]: only one of these keys may be given: host_header, "
                  "path_pattern (write one entry for each)"));
  EXPECT_THAT(in_listener("filters: [ {} ]"),
              ElementsAre("5:16: listeners[0].filters[0]: one of these keys has to be given: access_list, geo_restriction"));
}

TEST(Values, all_problems_are_reported_at_once_in_the_order_of_the_file) {
  EXPECT_THAT(problems_of("version: 3\nlisteners:\n  - name: a\n    adress: \"1\"\n    protocol: x\nworkers: -1\n"),
              ElementsAre("1:10: version: 3 is out of range: only 1",
                          "3:5: listeners[0]: 'address' is missing (Where it listens. `localhost` is 127.0.0.1.)",
                          "3:5: listeners[0]: 'default_actions' is missing (What happens when no rule matches.)",
                          "4:5: listeners[0]: unknown key 'adress' (did you mean 'address'?)",
                          "5:15: listeners[0].protocol: expected HTTP or HTTPS, found 'x'",
                          "6:10: workers: expected a whole number, found '-1' (the range is 0 to 1024)"));
}

}  // namespace
}  // namespace gatehouse::config
