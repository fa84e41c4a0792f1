#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

using Lines = std::vector<std::string>;

const std::string edge = "web_acls: [ { name: edge, rules: [/r.conf] } ]\n";

TEST(WebAcls, listeners_and_rules_name_them) {
  const Config config = load_clean(one_listener + "    web_acl: edge\n" + edge);
  EXPECT_EQ(config.listeners.at(0).web_acl, "edge");
  EXPECT_EQ(config.web_acls.at(0).mode, WebAclMode::block);
  EXPECT_EQ(config.web_acls.at(0).paranoia, 1u);
}

TEST(WebAcls, a_name_that_is_not_there_is_an_error_with_the_nearest_one) {
  EXPECT_EQ(problems_of(one_listener + "    web_acl: egde\n" + edge),
            (Lines{"5:14: listeners[0].web_acl: there is no web ACL 'egde' (did you mean 'edge'?)",
                   "6:13: warning: web_acls[0]: web ACL 'edge' is not used (name it in a listener's or a rule's web_acl, or remove it)"}));
}

TEST(WebAcls, names_are_unique) {
  const auto problems = problems_of(one_listener + "    web_acl: edge\nweb_acls: [ { name: edge, rules: [/r] }, { name: edge, rules: [/s] } ]\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("web ACL 'edge' is given twice"), std::string::npos) << problems[0];
}

TEST(WebAcls, exclusions_name_rules_and_parts_in_forms_that_cannot_break_out_of_a_rule) {
  const auto of = [](const std::string& exclusion) {
    return problems_of(one_listener + "    web_acl: edge\nweb_acls: [ { name: edge, rules: [/r], exclusions: [ " + exclusion + " ] } ]\n");
  };
  EXPECT_TRUE(of("{ rules: ['942100', '1-9', 'tag:OWASP_CRS/x-y'], paths: ['/a/*'], parameters: [a.b, 'ARGS:/^x$/'] }").empty());
  for (const char* wrong : {"{ rules: ['9-1'] }", "{ rules: ['0'] }", "{ rules: ['x'] }", "{ rules: ['tag:'] }", "{ rules: ['tag:a,b'] }",
                            "{ rules: ['4294967296'] }", "{ rules: ['1'], parameters: ['a b'] }", "{ rules: ['1'], parameters: [\"a'b\"] }",
                            "{ rules: ['1'], parameters: ['a,ctl:ruleEngine=Off'] }", "{ rules: [] }", "{ paths: ['/a'] }"}) {
    EXPECT_EQ(of(wrong).size(), 1u) << wrong;
  }
}

}  // namespace
}  // namespace gatehouse::config
