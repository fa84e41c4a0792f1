#include "gateway/proxy/pattern.hpp"

#include <gtest/gtest.h>

namespace gatehouse::proxy {
namespace {

bool matches(std::string_view pattern, std::string_view text, Pattern::Case letter_case = Pattern::Case::sensitive) {
  return Pattern(pattern, letter_case).matches(text);
}

TEST(Pattern, without_wildcards_is_exact) {
  EXPECT_TRUE(matches("/a", "/a"));
  EXPECT_FALSE(matches("/a", "/ab"));
  EXPECT_FALSE(matches("/a", "/"));
}

TEST(Pattern, star_stands_for_any_number_of_characters_even_none) {
  EXPECT_TRUE(matches("/img/*", "/img/"));
  EXPECT_TRUE(matches("/img/*", "/img/a/b.png"));
  EXPECT_FALSE(matches("/img/*", "/img"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*.css", "/x.css"));
  EXPECT_TRUE(matches("/a*b*c", "/aXbYc"));
  EXPECT_FALSE(matches("/a*b*c", "/aXcYb"));
  EXPECT_TRUE(matches("a**b", "ab"));
}

TEST(Pattern, question_mark_stands_for_exactly_one_character) {
  EXPECT_TRUE(matches("/v?/x", "/v1/x"));
  EXPECT_FALSE(matches("/v?/x", "/v/x"));
  EXPECT_FALSE(matches("/v?/x", "/v12/x"));
  EXPECT_TRUE(matches("*?", "a"));
  EXPECT_FALSE(matches("*?", ""));
}

TEST(Pattern, pieces_do_not_overlap) {
  EXPECT_FALSE(matches("ab*ba", "aba"));
  EXPECT_TRUE(matches("ab*ba", "abba"));
}

TEST(Pattern, paths_have_letter_case_and_hosts_have_not) {
  EXPECT_FALSE(matches("/img/*", "/Img/a"));
  EXPECT_TRUE(matches("*.example.com", "WWW.Example.COM", Pattern::Case::insensitive));
  EXPECT_FALSE(matches("*.example.com", "example.com", Pattern::Case::insensitive));
}

TEST(Pattern, takes_linear_time_on_text_made_to_be_slow) {
  // A matcher that goes back would need 2^20 steps here; the test ends at once or never.
  EXPECT_FALSE(matches("*a*a*a*a*a*a*a*a*a*a*b", std::string(20000, 'a')));
}

}  // namespace
}  // namespace gatehouse::proxy
