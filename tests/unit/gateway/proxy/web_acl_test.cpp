#include "gateway/proxy/web_acl.hpp"

#include <gtest/gtest.h>

#include "gatehouse/filters/inspection.hpp"

namespace gatehouse::proxy {
namespace {

using filters::Outcome;

/// Rules of one text behind an ACL's settings.
std::shared_ptr<const filters::RuleSet> load(const config::WebAcl& acl, const std::string& rules) {
  LoadMore more;
  more.around.before = rules;
  auto loaded = load_web_acl(acl, "", more);
  EXPECT_TRUE(loaded) << config::to_text(loaded.error());
  return loaded ? *loaded : nullptr;
}

struct Asked {
  std::string target{"/"};
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

filters::Decision judge(const filters::RuleSet& rules, const Asked& asked) {
  filters::Workspace space(rules);
  const filters::Surroundings nowhere;
  filters::Inspection inspection(rules, space, nowhere);
  filters::RequestView view;
  view.method = asked.body.empty() ? "GET" : "POST";
  view.target = asked.target;
  view.version = "HTTP/1.1";
  view.fields = {[](const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
                   const auto& fields = static_cast<const Asked*>(context)->fields;
                   if (index >= fields.size()) return false;
                   field = {fields[index].first, fields[index].second};
                   return true;
                 },
                 &asked};
  filters::Decision decision = inspection.on_request_head(view);
  if (decision.outcome == Outcome::pass && inspection.wants_request_body()) decision = inspection.on_request_body(asked.body);
  if (decision.outcome == Outcome::pass) decision = inspection.on_request_end();
  return decision;
}

const std::string attack_rule = "SecRule ARGS|REQUEST_COOKIES \"@contains attack\" \"id:7,phase:2,deny,status:403,tag:'attacks'\"\n";

TEST(WebAcl, its_settings_alone_are_a_rule_set_without_problems) {
  config::WebAcl acl;
  acl.name = "edge";
  acl.inbound_threshold = 10;
  acl.outbound_threshold = 8;
  config::Problems warnings;
  const auto rules = load_web_acl(acl, "", {&warnings, {}});
  ASSERT_TRUE(rules) << config::to_text(rules.error());
  EXPECT_TRUE(warnings.empty()) << config::to_text(warnings);
  EXPECT_FALSE((*rules)->facts().response_rules);
  EXPECT_EQ((*rules)->facts().request_body_limit, acl.request_body.limit);
}

TEST(WebAcl, json_and_xml_are_parsed_by_their_types_and_content_that_cannot_be_is_denied) {
  const config::WebAcl acl;
  const auto rules = load(acl, attack_rule);
  ASSERT_NE(rules, nullptr);
  const auto status = [&](const std::string& type, const std::string& body) { return judge(*rules, {"/", {{"Content-Type", type}}, body}).status; };
  EXPECT_EQ(status("application/json", R"({"a":["an attack"]})"), 403);
  EXPECT_EQ(status("application/problem+json; charset=utf-8", R"({"a":"attack"})"), 403);
  EXPECT_EQ(status("application/json", R"({"a":)"), 400);
  EXPECT_EQ(status("application/soap+xml", "<a"), 400);
  EXPECT_EQ(status("text/plain", R"({"a":"attack"})"), 0);
}

TEST(WebAcl, an_exclusion_without_a_path_holds_everywhere) {
  config::WebAcl acl;
  acl.exclusions.push_back({{"7"}, {}, {"note", "REQUEST_COOKIES:s"}, {}});
  const auto rules = load(acl, attack_rule);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(judge(*rules, {"/?note=attack", {{"Cookie", "s=attack"}}, ""}).outcome, Outcome::pass);
  EXPECT_EQ(judge(*rules, {"/?other=attack", {}, ""}).outcome, Outcome::deny);
  EXPECT_EQ(judge(*rules, {"/", {{"Cookie", "t=attack"}}, ""}).outcome, Outcome::deny);
}

TEST(WebAcl, an_exclusion_with_a_path_holds_there_alone) {
  config::WebAcl acl;
  acl.exclusions.push_back({{"tag:attacks"}, {"/editor/*", "/a?c.x"}, {}, {}});
  const auto rules = load(acl, attack_rule);
  ASSERT_NE(rules, nullptr);
  for (const char* inside : {"/editor/1?q=attack", "/editor/?q=attack", "/abc.x?q=attack", "/x/../editor/1?q=attack"}) {
    EXPECT_EQ(judge(*rules, {inside, {}, ""}).outcome, Outcome::pass) << inside;
  }
  for (const char* outside : {"/?q=attack", "/Editor/1?q=attack", "/abcdx?q=attack", "/editor/../x?q=attack", "/editor/%2e%2e/x?q=attack",
                              "/editor/..%2fx?q=attack", "/x/editor/1?q=attack"}) {
    EXPECT_EQ(judge(*rules, {outside, {}, ""}).outcome, Outcome::deny) << outside;
  }
}

TEST(WebAcl, detect_lets_through_what_block_denies) {
  config::WebAcl acl;
  acl.mode = config::WebAclMode::detect;
  const auto rules = load(acl, attack_rule);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(judge(*rules, {"/?q=attack", {}, ""}).outcome, Outcome::pass);
}

TEST(WebAcl, the_level_and_the_thresholds_are_variables_that_rules_can_read) {
  config::WebAcl acl;
  acl.paranoia = 3;
  acl.inbound_threshold = 12;
  const auto rules = load(acl, "SecRule TX:paranoia_level \"@eq 3\" \"id:1,phase:2,deny,status:401,chain\"\n"
                               "SecRule TX:blocking_paranoia_level \"@eq 3\" \"chain\"\n"
                               "SecRule TX:inbound_anomaly_score_threshold \"@eq 12\"\n");
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(judge(*rules, {}).status, 401);
}

TEST(WebAcl, problems_have_the_place_in_the_rule_file) {
  config::WebAcl acl;
  acl.name = "edge";
  acl.rules = {"/nowhere/rules.conf"};
  const auto rules = load_web_acl(acl, "");
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error()[0].file, "/nowhere/rules.conf");
  EXPECT_EQ(rules.error()[0].field, "web_acls[edge]");
}

}  // namespace
}  // namespace gatehouse::proxy
