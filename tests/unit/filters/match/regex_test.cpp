#include "match/regex.hpp"

#include <gtest/gtest.h>

namespace gatehouse::filters {
namespace {

Regex compiled(std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  EXPECT_TRUE(regex.has_value()) << pattern;
  regex->quicken();
  return std::move(*regex);
}

TEST(Regex, finds_the_same_before_it_is_machine_code_as_after) {
  RegexSpace space;
  for (const std::string& subject : {std::string("xabbcx"), std::string(20'000, 'x') + "abbc", std::string("axc")}) {
    const auto regex = Regex::compile("a(b+)c");
    ASSERT_TRUE(regex);
    const Found before = regex->search(subject, space);
    regex->quicken();
    EXPECT_EQ(before, regex->search(subject, space)) << subject;
  }
}

TEST(Regex, finds_the_same_in_long_subjects_as_in_short_ones) {
  RegexSpace space;
  const std::string before(20'000, 'x');
  Captures captures;
  const std::string subject = before + "abbc" + before;  // captures are views of it
  EXPECT_EQ(compiled("a(b+)c").search(subject, space, &captures), Found::yes);
  ASSERT_EQ(captures.count, 2u);
  EXPECT_EQ(captures.texts[0], "abbc");
  EXPECT_EQ(captures.texts[1], "bb");
  EXPECT_EQ(compiled("^abc").search(before + "abc", space), Found::no);
  EXPECT_EQ(compiled("abc$").search(before + "abc", space), Found::yes);
  EXPECT_EQ(compiled("$").search(before, space), Found::yes);
  EXPECT_EQ(compiled("(?<=x)abc").search(before + "abc", space), Found::yes);
  EXPECT_EQ(compiled("x{19000}y").search(before + "y", space), Found::yes);
  EXPECT_EQ(compiled("abc").search(before, space), Found::no);
}

TEST(Regex, gives_a_long_search_up_when_time_is_up) {
  RegexSpace space;
  int asked = 0;
  space.watch([](const void* context) { return ++*static_cast<int*>(const_cast<void*>(context)) > 3; }, &asked);
  // Each place to start at costs as much as the rest of the text is long.
  const std::string subject(200'000, '|');
  EXPECT_EQ(compiled("\\|[a|/]+/\\z").search(subject, space), Found::limit);
  EXPECT_EQ(asked, 4);
  asked = 0;
  EXPECT_EQ(compiled("\\|[a|/]+/\\z").search("||", space), Found::no);
  EXPECT_EQ(asked, 0);
}

TEST(Regex, counts_the_steps_of_nested_repeats) {
  RegexSpace space;
  space.limit_steps(1000);
  EXPECT_EQ(compiled("(?:a+)+[bd]").search(std::string(40, 'a') + "c", space), Found::limit);
}

}  // namespace
}  // namespace gatehouse::filters
