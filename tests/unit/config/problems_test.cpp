#include "gatehouse/config/problems.hpp"

#include <gmock/gmock.h>

#include "quote.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

Problem problem_at(int line, int column, std::string message) {
  Problem problem;
  problem.file = "gw.yaml";
  problem.line = line;
  problem.column = column;
  problem.message = std::move(message);
  return problem;
}

TEST(ProblemsText, looks_like_a_compiler) {
  const auto loaded = load_text(one_listener + "    portocol: HTTP\nworkers: -1\n", "etc/gw.yaml", test_options());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(to_text(loaded.error()),
            "etc/gw.yaml:5:5: error: listeners[0]: unknown key 'portocol'\n"
            "    5 |     portocol: HTTP\n"
            "      |     ^\n"
            "      = hint: did you mean 'protocol'?\n"
            "etc/gw.yaml:6:10: error: workers: expected a whole number, found '-1'\n"
            "    6 | workers: -1\n"
            "      |          ^\n"
            "      = hint: the range is 0 to 1024\n");
}

TEST(ProblemsText, warnings_and_problems_without_a_place) {
  Problems problems;
  Problem problem;
  problem.severity = Severity::warning;
  problem.message = "nothing to see";
  problems.add(problem);
  EXPECT_EQ(to_text(problems), "warning: nothing to see\n");
}

TEST(ProblemsText, the_caret_counts_characters_and_tabs_are_one) {
  Problems problems;
  problems.add(problem_at(1, 10, "here"));
  problems.attach_sources("gw.yaml", "\t\xc3\xa4\xc3\xa4: \x1b[x\r\n");
  EXPECT_EQ(to_text(problems),
            "gw.yaml:1:10: error: here\n"
            "    1 |  \xc3\xa4\xc3\xa4:  [x\n"
            "      |        ^\n");
}

TEST(ProblemsText, what_is_too_much_is_counted) {
  Problems problems;
  for (std::size_t i = 0; i < Problems::kept_max + 5; ++i) problems.add(problem_at(1, 1, "again"));
  EXPECT_EQ(problems.size(), Problems::kept_max);
  EXPECT_EQ(problems.errors(), Problems::kept_max + 5);
  EXPECT_TRUE(to_text(problems).ends_with("... and 5 more\n"));
  Problems others;
  others.append(problems);
  EXPECT_EQ(others.errors(), Problems::kept_max + 5);
}

TEST(Problems, are_sorted_by_place_and_stay_in_order_within_one) {
  Problems problems;
  problems.add(problem_at(2, 1, "c"));
  problems.add(problem_at(1, 9, "b"));
  problems.add(problem_at(2, 1, "d"));
  problems.add(problem_at(1, 2, "a"));
  problems.sort_by_place();
  std::string order;
  for (const Problem& problem : problems) order += problem.message;
  EXPECT_EQ(order, "abcd");
}

TEST(ProblemsJson, has_every_part) {
  Problems problems;
  Problem problem = problem_at(3, 7, "a \"quote\"\n");
  problem.field = "admin.listen";
  problem.hint = "\xff\x01";
  problems.add(problem);
  problem.severity = Severity::warning;
  problem.hint.clear();
  problems.add(problem);
  const std::string common =
      R"("file":"gw.yaml","line":3,"column":7,"field":"admin.listen","message":"a \"quote\"\n",)";
  EXPECT_EQ(to_json(problems), R"({"errors":1,"warnings":1,"problems":[{"severity":"error",)" + common +
                                   R"("hint":"?\u0001"},{"severity":"warning",)" + common +
                                   R"("hint":""}]})"
                                   "\n");
  EXPECT_EQ(to_json(Problems{}), "{\"errors\":0,\"warnings\":0,\"problems\":[]}\n");
}

TEST(Quote, cuts_long_values_between_characters_and_shows_control_characters) {
  EXPECT_EQ(quote("a\x1b[31m\n"), "'a\\x1b[31m\\x0a'");
  EXPECT_EQ(quote(std::string(61, 'a')), "'" + std::string(60, 'a') + "...'");
  EXPECT_EQ(quote(std::string(59, 'a') + "\xc3\xa4 more"), "'" + std::string(59, 'a') + "...'");
}

TEST(IsUtf8, accepts_well_formed_text_only) {
  for (const char* good : {"", "abc", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good));
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace gatehouse::config
