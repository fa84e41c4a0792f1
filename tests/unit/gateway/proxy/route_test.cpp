// Step 2: which rule an exchange takes. Rules answer with their own content, so the reply says which it was.
#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

std::string rule(int priority, const std::string& conditions) {
  return "      - { priority: " + std::to_string(priority) + ", conditions: [ " + conditions +
         " ], actions: [ { fixed_response: { status_code: 200, message_body: \"" + std::to_string(priority) + "\" } } ] }\n";
}

session::Setup& rules() {
  static session::Setup made(configuration(
      "    rules:\n" + rule(30, "{ path_pattern: [\"/img/*\"] }") +
      rule(10, "{ host_header: [\"*.example.com\", \"example.org\"] }, { path_pattern: [\"/img/*\", \"/a?c\"] }") +
      rule(20, "{ host_header: [\"*.example.com\"] }") + to_web));
  return made;
}

std::string route(const std::string& host, const std::string& target) {
  Client client(rules());
  const Asked asked = client.get(target, "", host);
  return asked.reply.body;
}

TEST(Route, takes_the_lowest_priority_whose_conditions_all_hold_wherever_it_stands) {
  EXPECT_EQ(route("a.example.com", "/img/1"), "10");
  EXPECT_EQ(route("example.org", "/img/1"), "10");
  EXPECT_EQ(route("a.example.com", "/other"), "20");
  EXPECT_EQ(route("elsewhere.test", "/img/1"), "30");
}

TEST(Route, needs_every_condition_and_one_value_of_each) {
  EXPECT_EQ(route("example.org", "/abc"), "10");
  EXPECT_EQ(route("example.net", "/abc"), "ok") << "the path alone is not enough";
}

TEST(Route, goes_the_default_way_when_no_rule_holds) { EXPECT_EQ(route("example.org", "/abcd"), "ok"); }

TEST(Route, compares_hosts_without_port_and_letter_case_and_paths_with_it) {
  EXPECT_EQ(route("A.EXAMPLE.com:8443", "/other"), "20");
  EXPECT_EQ(route("elsewhere.test", "/IMG/1"), "ok");
}

TEST(Route, never_looks_at_the_query) {
  EXPECT_EQ(route("elsewhere.test", "/?/img/1"), "ok");
  EXPECT_EQ(route("elsewhere.test", "/img/1?x"), "30");
}

TEST(Route, decides_on_the_path_without_dot_segments_which_is_also_what_is_sent) {
  EXPECT_EQ(route("elsewhere.test", "/public/../img/1"), "30");
  Client client(rules());
  EXPECT_EQ(client.get("/a/./b/../c", "", "elsewhere.test").sent.target(), "/a/c");
}

TEST(Route, a_rule_of_a_listener_sees_the_authority_of_an_absolute_target) {
  Client client(rules());
  EXPECT_EQ(client.ask("GET http://a.example.com/other HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n").reply.body, "20");
}

}  // namespace
}  // namespace gatehouse::proxy
