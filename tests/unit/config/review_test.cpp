// The checks across values: references, duplicates, rules of an ALB, settings without effect.
#include <gmock/gmock.h>

#include "gatehouse/config/security_policy.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A listener on line 1 that forwards to group g, which is described by `group` on line 2; `more` starts on line 3.
std::vector<std::string> group_problems(const std::string& group, const std::string& more = "") {
  return problems_of(
      "listeners: [ { name: a, address: '127.0.0.1:1', default_actions: [ { forward: { target_groups: [ { name: g } ] "
      "} } ] } ]\n"
      "target_groups: [ { name: g, " +
      group + " } ]\n" + more);
}
const std::string endpoint = "endpoints: [ { address: 'a:1' } ]";

/// The default action of a listener on port 8080, on line 1.
std::vector<std::string> action_problems(const std::string& action, const std::string& listener = "") {
  return problems_of("listeners: [ { name: a, address: '127.0.0.1:8080', " + listener + "default_actions: [ { " +
                     action +
                     " } ] } ]\n"
                     "target_groups: [ { name: web, " +
                     endpoint + " }, { name: api, " + endpoint + " } ]\n");
}

TEST(Review, target_groups_have_to_exist) {
  EXPECT_THAT(
      action_problems("forward: { target_groups: [ { name: wbe }, { name: api } ] }"),
      Contains("1:109: listeners[0].default_actions[0].forward.target_groups[0].name: there is no target group 'wbe' "
               "(did you mean 'web'?)"));
  EXPECT_THAT(action_problems("forward: { target_groups: [ { name: elsewhere } ] }"),
              Contains("1:109: listeners[0].default_actions[0].forward.target_groups[0].name: there is no target group "
                       "'elsewhere' (target groups: web, api)"));
}

TEST(Review, forward_actions_have_sensible_weights) {
  EXPECT_THAT(
      action_problems("forward: { target_groups: [ { name: web, weight: 0 }, { name: api, weight: 0 } ] }"),
      ElementsAre(HasSubstr("warning: listeners[0].default_actions[0].forward: all weights are zero: every request is "
                            "answered with 503 (give one of them a weight)")));
  EXPECT_THAT(action_problems("forward: { target_groups: [ { name: web, weight: 1000 }, { name: api } ] }"),
              ElementsAre(HasSubstr("target_groups[0].weight: 1000 is out of range: 0 to 999")));
  EXPECT_THAT(
      action_problems("forward: { target_groups: [ { name: web }, { name: api }, { name: web } ] }"),
      ElementsAre(HasSubstr("target_groups[2].name: target group 'web' is given twice; the first one is on line 1")));
  EXPECT_THAT(
      action_problems(
          "forward: { target_groups: [ {name: web}, {name: api}, {name: a}, {name: b}, {name: c}, {name: d} ] }"),
      Contains(HasSubstr("target_groups[5]: a forward action has at most 5 target groups")));
}

TEST(Review, unused_things_are_warned_about) {
  EXPECT_THAT(
      action_problems("forward: { target_groups: [ { name: web } ] }"),
      ElementsAre(
          "2:68: warning: target_groups[1]: target group 'api' is not used (forward to it in a rule, or remove it)"));
  EXPECT_THAT(problems_of(one_listener + "certificates: [ { name: c, certificate_file: a, private_key_file: b } ]\n"),
              ElementsAre("5:17: warning: certificates[0]: certificate 'c' is not used "
                          "(name it in a listener's tls.certificates, or remove it)"));
  EXPECT_THAT(problems_of(one_listener + "regions: [ { name: r } ]\n"),
              ElementsAre("5:12: warning: regions[0]: region 'r' has no endpoint (give it endpoints, or remove it)"));
}

TEST(Review, redirects_must_lead_elsewhere) {
  const std::string loop =
      "the redirect leads to where the request came from: the client would come back for ever "
      "(change protocol, host, port or path)";
  EXPECT_THAT(action_problems("redirect: { status_code: 301 }"), Contains(HasSubstr(loop)));
  EXPECT_THAT(action_problems("redirect: { protocol: HTTP, port: 8080 }"), Contains(HasSubstr(loop)));
  EXPECT_THAT(action_problems("redirect: { query: \"a=b\" }"), Contains(HasSubstr(loop)));
  EXPECT_THAT(action_problems("redirect: { port: 8081 }"), testing::Not(Contains(HasSubstr(loop))));
  EXPECT_THAT(action_problems("redirect: { path: /new }"), testing::Not(Contains(HasSubstr(loop))));
}

TEST(Review, redirects_must_not_leave_tls) {
  EXPECT_THAT(action_problems("redirect: { protocol: HTTP, port: 80 }", "protocol: HTTPS, "),
              Contains(HasSubstr(
                  "redirect.protocol: a redirect from HTTPS to HTTP is not allowed (use HTTPS or #{protocol})")));
}

TEST(Review, fixed_responses_are_no_redirects) {
  EXPECT_THAT(
      action_problems("fixed_response: { status_code: 301 }"),
      Contains(HasSubstr("fixed_response.status_code: 301 is not possible: 2xx, 4xx or 5xx (for a redirect there is "
                         "the action 'redirect')")));
  EXPECT_THAT(
      action_problems("fixed_response: { status_code: 204, message_body: a }"),
      Contains(HasSubstr("warning: listeners[0].default_actions[0].fixed_response.message_body: a 204 has no content: "
                         "the body is not sent")));
}

TEST(Review, there_is_one_action) {
  EXPECT_THAT(problems_of("listeners: [ { name: a, address: '127.0.0.1:1', default_actions: "
                          "[ { fixed_response: {} }, { fixed_response: {} } ] } ]"),
              ElementsAre("1:92: listeners[0].default_actions[1]: there is exactly one action "
                          "(several target groups go into one forward, with weights)"));
}

TEST(Review, rules_have_their_own_priority_and_each_property_once) {
  EXPECT_THAT(
      problems_of(
          one_listener +
          "    rules:\n"
          "      - { priority: 5, conditions: [ { path_pattern: [a] } ], actions: [ { fixed_response: {} } ] }\n"
          "      - { priority: 5, conditions: [ { path_pattern: [b] }, { path_pattern: [c] } ], "
          "actions: [ { fixed_response: {} } ] }\n"),
      ElementsAre("7:21: listeners[0].rules[1].priority: priority '5' is given twice; the first one is on line 6",
                  "7:61: listeners[0].rules[1].conditions[1]: a rule has each property only once; conditions are ANDed "
                  "(values that may stand for each other go into one list)"));
}

TEST(Review, names_and_addresses_are_unique) {
  const std::string answer = "default_actions: [ { fixed_response: {} } ] }\n";
  EXPECT_THAT(
      problems_of("listeners:\n"
                  "  - { name: a, address: '127.0.0.1:80', " +
                  answer + "  - { name: a, address: '127.0.0.1:80', " + answer +
                  "  - { name: c, address: '127.0.0.1:9900', " + answer + "  - { name: d, address: '127.0.0.1:0', " +
                  answer + "  - { name: e, address: '127.0.0.1:0', " + answer),
      ElementsAre("3:13: listeners[1].name: listener 'a' is given twice; the first one is on line 2",
                  "3:25: listeners[1].address: address '127.0.0.1:80' is given twice; the first one is on line 2",
                  "4:25: listeners[2].address: address '127.0.0.1:9900' is already that of the admin API "
                  "(admin.listen)"));
  EXPECT_THAT(group_problems("endpoints: [ { address: 'a:1' }, { address: 'a:1' } ]"),
              ElementsAre(HasSubstr("target_groups[0].endpoints[1].address: endpoint 'a:1' is given twice")));
}

TEST(Review, an_https_listener_needs_a_certificate_that_exists) {
  EXPECT_THAT(problems_of(one_listener + "    protocol: HTTPS\n"),
              ElementsAre("2:5: listeners[0]: an HTTPS listener needs a certificate (name one of 'certificates' in "
                          "tls.certificates)"));
  EXPECT_THAT(
      problems_of(one_listener + "    protocol: HTTPS\n    tls: { certificates: [shp] }\n"
                                 "certificates: [ { name: shop, certificate_file: a, private_key_file: b } ]\n"),
      Contains("6:27: listeners[0].tls.certificates[0]: there is no certificate 'shp' (did you mean 'shop'?)"));
  EXPECT_THAT(problems_of(one_listener + "    tls: { session_tickets: false }\n"),
              ElementsAre("5:10: listeners[0].tls: TLS settings have no effect on an HTTP listener "
                          "(use protocol: HTTPS, or remove them)"));
}

TEST(Review, a_certificate_has_exactly_one_private_key) {
  const auto certificate = [](const std::string& keys) {
    return problems_of(one_listener +
                       "    protocol: HTTPS\n    tls: { certificates: [c] }\n"
                       "certificates: [ { name: c, certificate_file: c.pem" +
                       keys + " } ]\n");
  };
  EXPECT_THAT(certificate(", private_key_file: a"), IsEmpty());
  EXPECT_THAT(certificate(", private_key_command: [a]"), IsEmpty());
  EXPECT_THAT(certificate(""), ElementsAre("7:17: certificates[0]: the private key is missing "
                                           "(give exactly one of private_key_file and private_key_command)"));
  EXPECT_THAT(certificate(", private_key_file: a, private_key_command: [a]"),
              ElementsAre("7:17: certificates[0]: the private key is given twice "
                          "(give exactly one of private_key_file and private_key_command)"));
}

TEST(Review, policies_that_differ_from_their_name_warn) {
  const auto policy = [](const std::string& name) {
    return problems_of(one_listener +
                       "    protocol: HTTPS\n    tls: { certificates: [c], security_policy: ELBSecurityPolicy-" + name +
                       " }\ncertificates: [ { name: c, certificate_file: c.pem, private_key_file: k } ]\n");
  };
  EXPECT_THAT(policy("TLS13-1-3-2021-06"), IsEmpty());
  EXPECT_THAT(
      policy("TLS13-1-3-PQ-2025-09"),
      ElementsAre("6:48: warning: listeners[0].tls.security_policy: 'ELBSecurityPolicy-TLS13-1-3-PQ-2025-09' uses the "
                  "classical key exchange groups here; the post-quantum ones are not available"));
  EXPECT_THAT(policy("2016-08"),
              ElementsAre("6:48: warning: listeners[0].tls.security_policy: 'ELBSecurityPolicy-2016-08' "
                          "starts at TLS 1.2 here; TLS 1.0 and 1.1 are not spoken"));
  EXPECT_THAT(policy("TLS13-1-2-FIPS-2023-04"),
              ElementsAre(HasSubstr("is an approximation; there is no validated module")));
  EXPECT_EQ(security_policies().size(), 41u);
}

TEST(Review, probes_fit_their_group) {
  EXPECT_THAT(
      group_problems(endpoint + ", health_check: { interval: 2s }"),
      ElementsAre("2:90: target_groups[0].health_check.interval: the timeout (5s) is longer than the interval (2s) "
                  "(a probe has to end before the next one starts)"));
  EXPECT_THAT(
      group_problems(endpoint + ", health_check: { timeout: 31s }"),
      ElementsAre("2:89: target_groups[0].health_check.timeout: the timeout (31s) is longer than the interval (30s) "
                  "(a probe has to end before the next one starts)"));
  EXPECT_THAT(
      group_problems(endpoint + ", health_check: { protocol: TCP, matcher: \"200\" }"),
      ElementsAre("2:104: warning: target_groups[0].health_check.matcher: has no effect: a TCP probe only connects "
                  "(use protocol: HTTP, or remove it)"));
  EXPECT_THAT(group_problems(endpoint + ", protocol: HTTPS"),
              ElementsAre(HasSubstr(
                  "warning: target_groups[0].health_check: the probes speak HTTP to endpoints that speak HTTPS")));
  EXPECT_THAT(group_problems(endpoint + ", protocol: HTTPS, health_check: { protocol: HTTPS }"), IsEmpty());
}

TEST(Review, settings_without_effect_warn) {
  EXPECT_THAT(group_problems(endpoint + ", tls: { verify: false }"),
              ElementsAre(HasSubstr("warning: target_groups[0].tls: has no effect: the group speaks HTTP")));
  EXPECT_THAT(
      group_problems("endpoints: []"),
      ElementsAre(
          "2:18: warning: target_groups[0]: target group 'g' has no endpoints: its requests are answered with 503"));
  EXPECT_THAT(
      group_problems("endpoints: [ { address: 'a:1', weight: 0 } ]"),
      ElementsAre(HasSubstr("warning: target_groups[0].endpoints: all weights are zero: no endpoint takes requests")));
}

TEST(Review, a_static_site_stands_in_place_of_endpoints) {
  EXPECT_THAT(group_problems("static_site: { root: /srv }"), IsEmpty());
  EXPECT_THAT(group_problems(endpoint + ", static_site: { root: /srv }"),
              ElementsAre(HasSubstr("target_groups[0].endpoints: target group 'g' has endpoints and a static site")));
  EXPECT_THAT(group_problems("static_site: { root: /srv }, retries: 0"),
              ElementsAre(HasSubstr("warning: target_groups[0].retries: has no effect: files are served")));
}

TEST(Review, names_of_a_static_site_stay_below_its_root) {
  for (const char* name : {"a/b.html", "/index.html", "..", ".", ""}) {
    EXPECT_THAT(group_problems(std::string("static_site: { root: /srv, index_document: '") + name + "' }"),
                ElementsAre(HasSubstr("target_groups[0].static_site.index_document: ")))
        << name;
  }
  for (const char* name : {"../404.html", "a/../../b", "/404.html", "a//b", "a/"}) {
    EXPECT_THAT(group_problems(std::string("static_site: { root: /srv, error_document: '") + name + "' }"),
                ElementsAre(HasSubstr("is no file below the root")))
        << name;
  }
  for (const char* host : {"a/b", "user@a", "a:b", "https://a"}) {
    EXPECT_THAT(group_problems(std::string("static_site: { root: /srv, redirect_all_requests_to: { host_name: '") + host + "' } }"),
                ElementsAre(HasSubstr("host_name: ")))
        << host;
  }
  EXPECT_THAT(group_problems("static_site: { root: /srv, error_document: a/b.html, redirect_all_requests_to: { host_name: 'a.b:8443' } }"), IsEmpty());
}

TEST(Review, regions_have_to_exist) {
  EXPECT_THAT(group_problems("endpoints: [ { address: 'a:1', region: eu } ]"),
              ElementsAre("2:68: target_groups[0].endpoints[0].region: there is no region 'eu' "
                          "(add it to 'regions', or leave it out)"));
  EXPECT_THAT(
      group_problems("endpoints: [ { address: 'a:1', region: eu-nort-1 } ]", "regions: [ { name: eu-north-1 } ]\n"),
      Contains(
          "2:68: target_groups[0].endpoints[0].region: there is no region 'eu-nort-1' (did you mean 'eu-north-1'?)"));
  EXPECT_THAT(group_problems(endpoint, "regions: [ { name: a } ]\n"), IsEmpty()) << "no region is the first one";
  EXPECT_THAT(group_problems(endpoint, "regions: [ { name: a }, { name: a } ]\n"),
              ElementsAre("3:33: regions[1].name: region 'a' is given twice; the first one is on line 3"));
}

TEST(Review, limits_do_not_contradict_each_other) {
  EXPECT_THAT(problems_of(one_listener + "limits: { request_headers: 8KiB }\n"),
              ElementsAre("5:9: limits.header_field: one header field may be longer than all of them together "
                          "(raise limits.request_headers, or lower limits.header_field)"));
  EXPECT_THAT(group_problems(endpoint + ", outlier_detection: { max_ejection_time: 5s }"),
              ElementsAre(HasSubstr("target_groups[0].outlier_detection: base_ejection_time (10s) is longer than "
                                    "max_ejection_time (5s)")));
}

TEST(Review, an_open_admin_api_wants_names) {
  EXPECT_THAT(
      problems_of(one_listener + "admin: { listen: '0.0.0.0:9900' }\n"),
      ElementsAre(
          "5:18: warning: admin.listen: the admin API at '0.0.0.0:9900' can be reached from other machines but "
          "answers to local host names only (name who may ask in admin.allowed_hosts, or listen on 127.0.0.1)"));
}

}  // namespace
}  // namespace gatehouse::config
