#include "gateway/upstream/matcher.hpp"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

std::string matched(std::string_view text) {
  const auto matcher = Matcher::parse(text);
  if (!matcher) return "refused";
  std::string statuses;
  for (const unsigned status : {199u, 200u, 202u, 204u, 299u, 300u, 404u}) {
    if (matcher->matches(status)) statuses += std::to_string(status) + " ";
  }
  return statuses;
}

TEST(Matcher, takes_single_statuses_lists_and_ranges) {
  EXPECT_EQ(matched("200"), "200 ");
  EXPECT_EQ(matched("200,202"), "200 202 ");
  EXPECT_EQ(matched("200-299"), "200 202 204 299 ");
  EXPECT_EQ(matched("200-202, 404"), "200 202 404 ");
  EXPECT_EQ(matched("404-404"), "404 ");
}

TEST(Matcher, refuses_what_is_neither) {
  for (const char* text :
       {"", ",", "200,", "2xx", "200-", "-200", "299-200", "99", "600", "0200", "200 202", "200-202-204"}) {
    EXPECT_EQ(matched(text), "refused") << text;
  }
}

TEST(Matcher, is_200_when_nothing_else_is_said) {
  EXPECT_TRUE(Matcher().matches(200));
  EXPECT_FALSE(Matcher().matches(201));
}

}  // namespace
}  // namespace gatehouse::upstream
