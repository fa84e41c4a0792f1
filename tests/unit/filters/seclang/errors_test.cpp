// Runs tests/cases/seclang_errors.cases: what is said about rule text that is wrong.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "gatehouse/filters/rule_set.hpp"

namespace gatehouse::filters {
namespace {

std::string with_line_ends(std::string text) {
  for (std::size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at)) text.replace(at, 2, "\n");
  return text;
}

std::string said_about(const std::string& text) {
  RuleSetOptions options;
  options.before.push_back({"text", text});
  const auto rules = RuleSet::load_seclang({}, options);
  if (rules) return "nothing";
  std::string said;
  for (const Problem& problem : rules.error()) {
    if (!said.empty()) said += "; ";
    said += to_string(problem).substr(5);  // without the file's name
  }
  return said;
}

TEST(SecLangErrors, are_told_with_their_place_and_a_suggestion) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/seclang_errors.cases");
  std::size_t rows = 0;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const auto arrow = line.rfind(" => ");
    if (line.empty() || line[0] == '#' || arrow == std::string::npos) continue;
    ++rows;
    EXPECT_EQ(said_about(with_line_ends(line.substr(0, arrow))), line.substr(arrow + 4)) << "line " << number;
  }
  EXPECT_GT(rows, 30u);
}

TEST(SecLangErrors, come_all_at_once) {
  EXPECT_EQ(said_about("SecRul x\nSecRule ARG \"@rx x\" \"id:1\"\nSecMarke END\n"),
            "1:1: unknown directive 'SecRul' (did you mean SecRule?); 2:9: unknown variable 'ARG' (did you mean ARGS?); "
            "3:1: unknown directive 'SecMarke' (did you mean SecMarker?)");
}

TEST(SecLangErrors, leave_directives_without_meaning_as_warnings) {
  RuleSetOptions options;
  options.before.push_back({"text", "SecTmpDir /tmp\nSecRuleRemoveById 7\n"});
  const auto rules = RuleSet::load_seclang({}, options);
  ASSERT_TRUE(rules);
  ASSERT_EQ((*rules)->warnings().size(), 2u);
  EXPECT_EQ(to_string((*rules)->warnings()[0]),
            "text:1:1: warning: SecTmpDir has no effect here (nothing is written to temporary or upload files)");
}

}  // namespace
}  // namespace gatehouse::filters
