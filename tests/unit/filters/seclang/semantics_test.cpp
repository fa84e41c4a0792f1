// Runs tests/cases/seclang.cases: what rules in ModSecurity's language do.
#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/filters/rules/inspect.hpp"

namespace gatehouse::filters {
namespace {

struct Case {
  std::string name, rules{"SecRuleEngine On\n"};
  test::Request request;
  bool has_body{false};
  std::vector<std::string> expected;
};

std::vector<Case> cases() {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/seclang.cases");
  std::vector<Case> all;
  for (std::string line; std::getline(file, line);) {
    const auto starts = [&](std::string_view word) { return line.rfind(word, 0) == 0; };
    if (starts("case ")) {
      all.emplace_back().name = line.substr(5);
    } else if (all.empty() || line.empty() || starts("#")) {
      continue;
    } else if (starts("| ")) {
      all.back().rules += line.substr(2) + "\n";
    } else if (starts("+ ")) {
      const auto colon = line.find(": ");
      all.back().request.fields.emplace_back(line.substr(2, colon - 2), line.substr(colon + 2));
    } else if (starts("=> ")) {
      all.back().expected.push_back(line.substr(3));
    } else if (starts("=")) {
      if (all.back().has_body) all.back().request.body += "\r\n";
      all.back().request.body += line.size() > 2 ? line.substr(2) : "";
      all.back().has_body = true;
    } else {
      const auto space = line.find(' ');
      all.back().request.method = line.substr(0, space);
      all.back().request.target = line.substr(space + 1);
    }
  }
  return all;
}

/// Everything that came out, in the words of the cases.
struct Result {
  std::string ids{"ids"}, decision{"pass"}, data;
};

Result result_of(const Case& test, Inspection& inspection) {
  const RequestView request = test::view_of(test.request);
  Decision decision = inspection.on_request_head(request);
  if (decision.outcome == Outcome::pass && test.has_body) decision = inspection.on_request_body(test.request.body);
  if (decision.outcome == Outcome::pass) decision = inspection.on_request_end();
  inspection.finish();
  Result result;
  for (const MatchedRule& match : inspection.matches()) {
    result.ids += " " + std::to_string(match.id);
    if (!match.data.empty()) result.data = "data " + std::string(match.data);
  }
  if (decision.outcome != Outcome::pass) {
    result.decision = "deny " + std::to_string(decision.status) + " " + std::to_string(decision.rule_id);
  }
  return result;
}

TEST(SecLang, does_what_the_cases_say) {
  const auto all = cases();
  ASSERT_GT(all.size(), 45u);
  const Surroundings nowhere;
  for (const Case& test : all) {
    RuleSetOptions options;
    options.before.push_back({test.name, test.rules});
    const auto rules = RuleSet::load_seclang({}, options);
    if (!rules) {
      ADD_FAILURE() << to_string(rules.error().front());
      continue;
    }
    Workspace space(**rules);
    Inspection inspection(**rules, space, nowhere);
    const Result result = result_of(test, inspection);
    for (const std::string& expected : test.expected) {
      if (expected.rfind("ids", 0) == 0) {
        EXPECT_EQ(result.ids, expected) << test.name;
      } else if (expected.rfind("tx.", 0) == 0) {
        const auto equals = expected.find('=');
        EXPECT_EQ(inspection.variable(expected.substr(3, equals - 3)), expected.substr(equals + 1)) << test.name << ": " << expected;
      } else if (expected.rfind("data ", 0) == 0) {
        EXPECT_EQ(result.data, expected) << test.name;
      } else {
        EXPECT_EQ(result.decision, expected) << test.name;
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::filters
