#include "gatehouse/config/diff.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

constexpr std::string_view before = R"(
regions: [ { name: north }, { name: south, traffic_dial: 50 } ]
certificates: [ { name: c, certificate_file: /c.pem, private_key_command: [print, old-password] } ]
listeners:
  - { name: a, address: '127.0.0.1:1', default_actions: [ { forward: { target_groups: [ { name: g } ] } } ],
      rules: [ { priority: 1, conditions: [ { path_pattern: [/a] } ], actions: [ { fixed_response: {} } ] },
               { priority: 2, conditions: [ { path_pattern: [/b] } ], actions: [ { fixed_response: {} } ] } ] }
  - { name: b, address: '127.0.0.1:2', protocol: HTTPS, tls: { certificates: [c] }, default_actions: [ { fixed_response: {} } ] }
target_groups:
  - { name: g, endpoints: [ { address: 'x:1', region: north }, { address: 'y:1', region: south } ] }
)";

std::string changed(const std::string& text) { return to_text(diff(load_clean(before), load_clean(text))); }

std::string replaced(const std::string& what, const std::string& with) {
  std::string text(before);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(Diff, the_same_written_otherwise_is_no_change) {
  EXPECT_EQ(changed(std::string(before)), "");
  EXPECT_EQ(changed("# a comment\n" + replaced("name: north", "name: \"north\", traffic_dial: 100")), "");
  EXPECT_EQ(changed(std::string(before) + "limits: { idle_timeout: 60s }\nadmin: { listen: 'localhost:9900' }\n"), "");
}

TEST(Diff, values_show_both_sides) {
  EXPECT_EQ(changed(replaced("traffic_dial: 50", "traffic_dial: 0")), "regions[south].traffic_dial: 50 -> 0\n");
  EXPECT_EQ(changed(replaced("'x:1', ", "'x:1', weight: 7, ")), "target_groups[g].endpoints[x:1].weight: 128 -> 7\n");
  EXPECT_EQ(changed(replaced("[/a]", "[/a, \"/c*\"]")),
            "listeners[a].rules[1].conditions[0].path_pattern: [/a] -> [/a, /c*]\n");
  EXPECT_EQ(changed(std::string(before) + "limits: { idle_timeout: 90s }\n"), "limits.idle_timeout: 1m -> 90s\n");
}

TEST(Diff, items_are_known_by_name_and_not_by_place) {
  EXPECT_EQ(changed(replaced("{ address: 'x:1', region: north }, { address: 'y:1', region: south }",
                             "{ address: 'z:1', region: north }, { address: 'y:1', region: south }")),
            "target_groups[g].endpoints[x:1]: removed\ntarget_groups[g].endpoints[z:1]: added\n");
  EXPECT_EQ(changed(replaced("priority: 1,", "priority: 3,")),
            "listeners[a].rules[1]: removed\nlisteners[a].rules[3]: added\n");
}

TEST(Diff, an_action_of_another_kind) {
  EXPECT_EQ(
      changed(replaced("[/b] } ], actions: [ { fixed_response: {} } ]",
                       "[/b] } ], actions: [ { redirect: { protocol: HTTPS } } ]")),
      "listeners[a].rules[2].actions[0].redirect: added\nlisteners[a].rules[2].actions[0].fixed_response: removed\n");
}

TEST(Diff, the_order_of_regions_means_something) {
  EXPECT_EQ(changed(replaced("{ name: north }, { name: south, traffic_dial: 50 }",
                             "{ name: south, traffic_dial: 50 }, { name: north }")),
            "regions: order: north, south -> south, north\n");
}

TEST(Diff, only_some_changes_need_a_restart) {
  EXPECT_EQ(changed(std::string(before) + "workers: 2\nadmin: { listen: '127.0.0.1:9901', allowed_hosts: [a] }\n"),
            "workers: 0 -> 2 (needs a restart)\n"
            "admin.listen: 127.0.0.1:9900 -> 127.0.0.1:9901 (needs a restart)\n"
            "admin.allowed_hosts: [] -> [a]\n");
  EXPECT_EQ(changed(replaced("127.0.0.1:1'", "127.0.0.1:3'")), "listeners[a].address: 127.0.0.1:1 -> 127.0.0.1:3\n");
}

TEST(Diff, what_is_secret_is_not_shown) {
  EXPECT_EQ(changed(replaced("old-password", "new-password")), "certificates[c].private_key_command: changed\n");
}

}  // namespace
}  // namespace gatehouse::config
