#include "inspect.hpp"

namespace gatehouse::filters::test {
namespace {

constexpr const char* scoring = R"(
SecAction "id:1,phase:1,pass,nolog,setvar:tx.score=0"
SecRule ARGS "@rx (?i)union\s+select" "id:2,phase:2,pass,log,msg:'SQL in %{MATCHED_VAR_NAME}',logdata:'%{TX.0}',severity:CRITICAL,tag:'sql',capture,t:urlDecodeUni,t:lowercase,setvar:tx.score=+5"
SecRule ARGS:q "@contains xxx" "id:3,phase:2,deny,chain"
  SecRule REQUEST_METHOD "@streq PUT"
SecRule TX:score "@ge 5" "id:4,phase:2,deny,status:403,nolog"
)";

Request attack() {
  Request request;
  request.target = "/?q=1%2520UNION%2520SELECT%25202&p=xxx";
  return request;
}

TEST(MatchTrail, holds_what_matched_and_why) {
  const auto rules = load(scoring);
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  Surroundings surroundings;
  MatchTrail trail;
  Inspection inspection(*rules, space, surroundings);
  inspection.observe(trail);
  const Decision decision = inspect(inspection, attack());
  EXPECT_EQ(decision.outcome, Outcome::deny);
  ASSERT_GE(trail.entries().size(), 2u);
  const MatchTrail::Entry& sql = trail.entries()[trail.entries().size() - 2];
  EXPECT_EQ(sql.rule.id, 2u);
  EXPECT_EQ(sql.rule.phase, 2);
  EXPECT_EQ(sql.rule.severity, 2);
  EXPECT_EQ(sql.message, "SQL in ARGS:q");
  EXPECT_EQ(sql.data, "union select");
  EXPECT_TRUE(sql.matched);
  EXPECT_EQ(sql.outcome, Outcome::pass);
  ASSERT_EQ(sql.tags.size(), 1u);
  EXPECT_EQ(sql.tags[0], "sql");
  ASSERT_EQ(sql.conditions.size(), 1u);
  const MatchTrail::Condition& met = sql.conditions[0];
  EXPECT_EQ(met.variable, "ARGS:q");
  EXPECT_EQ(met.original, "1%20UNION%20SELECT%202");
  EXPECT_EQ(met.value, "1 union select 2");
  EXPECT_EQ(met.value.substr(met.part_at, met.part_size), "union select");
  EXPECT_EQ(met.transforms, (std::vector<std::string_view>{"urlDecodeUni", "lowercase"}));
  EXPECT_EQ(met.condition, "@rx (?i)union\\s+select");
  ASSERT_EQ(sql.changes.size(), 1u);
  EXPECT_EQ(sql.changes[0].name, "tx.score");
  EXPECT_EQ(sql.changes[0].before, "0");
  EXPECT_EQ(sql.changes[0].after, "5");
  EXPECT_EQ(sql.changes[0].added, 5);
  const MatchTrail::Entry& verdict = trail.entries().back();
  EXPECT_EQ(verdict.rule.id, 4u);
  EXPECT_EQ(verdict.rule.id, decision.rule_id);
  EXPECT_EQ(verdict.outcome, Outcome::deny);
  EXPECT_EQ(verdict.status, 403);
  EXPECT_TRUE(verdict.in_force);
}

TEST(MatchTrail, leaves_out_chains_that_failed_unless_they_changed_something) {
  const auto rules = load(R"(
SecRule ARGS "@contains a" "id:1,phase:2,pass,chain"
  SecRule REQUEST_METHOD "@streq PUT" "t:none"
SecRule ARGS "@contains a" "id:2,phase:2,pass,chain,setvar:tx.seen=1"
  SecRule REQUEST_METHOD "@streq PUT" "t:none"
)");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  Surroundings surroundings;
  MatchTrail trail;
  Inspection inspection(*rules, space, surroundings);
  inspection.observe(trail);
  Request request;
  request.target = "/?q=abc";
  inspect(inspection, request);
  ASSERT_EQ(trail.entries().size(), 1u);
  EXPECT_EQ(trail.entries()[0].rule.id, 2u);
  EXPECT_FALSE(trail.entries()[0].matched);
}

TEST(MatchTrail, cuts_long_values_around_the_part_that_matched) {
  const auto rules = load(R"(SecRule ARGS "@rx needle" "id:1,phase:2,pass,log,msg:'x'")");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  Surroundings surroundings;
  MatchTrail trail;
  Inspection inspection(*rules, space, surroundings);
  inspection.observe(trail);
  Request request;
  request.target = "/?q=" + std::string(3000, 'a') + "needle" + std::string(3000, 'b');
  inspect(inspection, request);
  ASSERT_EQ(trail.entries().size(), 1u);
  const MatchTrail::Condition& met = trail.entries()[0].conditions.at(0);
  EXPECT_EQ(met.value.size(), MatchTrail::Limits().text_max);
  EXPECT_EQ(met.value.substr(met.part_at, met.part_size), "needle");
  EXPECT_EQ(met.cut + met.part_at, 3000u);
}

TEST(MatchTrail, does_not_grow_beyond_its_limits) {
  const auto rules = load(R"(SecRule ARGS "@rx a" "id:1,phase:2,pass,log,msg:'x'")");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  Surroundings surroundings;
  MatchTrail::Limits limits;
  limits.conditions_max = 3;
  MatchTrail trail(limits);
  Inspection inspection(*rules, space, surroundings);
  inspection.observe(trail);
  Request request;
  request.target = "/?a=a&b=a&c=a&d=a&e=a";
  inspect(inspection, request);
  ASSERT_EQ(trail.entries().size(), 1u);
  EXPECT_EQ(trail.entries()[0].conditions.size(), 3u);
  EXPECT_EQ(trail.left_out(), 2u);
}

TEST(MatchTrail, does_not_change_what_is_decided_or_reported) {
  const auto rules = load(scoring);
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  Surroundings surroundings;
  const Request request = attack();
  const auto ids = [&](MatchObserver* observer) {
    Inspection inspection(*rules, space, surroundings);
    if (observer != nullptr) inspection.observe(*observer);
    std::string text = std::to_string(inspect(inspection, request).rule_id) + ":";
    for (const MatchedRule& match : inspection.matches()) text += " " + std::to_string(match.id);
    return text;
  };
  MatchTrail trail;
  EXPECT_EQ(ids(nullptr), ids(&trail));
  EXPECT_EQ(ids(nullptr), "4: 2 4");
}

}  // namespace
}  // namespace gatehouse::filters::test
