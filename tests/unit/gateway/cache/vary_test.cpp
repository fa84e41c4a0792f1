// Vary: canonical names, selectors, and which stored response fits.
#include "gateway/cache/vary.hpp"

#include <gtest/gtest.h>

#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using testing::Lines;
using testing::request;
using testing::response;

std::string names_of(const Lines& lines) {
  std::string out = "left over";
  vary_names(response(lines)->fields, out);
  return out;
}

std::string selector_of(std::string_view names, const Lines& lines) {
  std::string out = "left over";
  selector(names, request(lines)->fields, out);
  return out;
}

TEST(VaryNames, are_lower_case_sorted_and_unique_over_all_lines) {
  EXPECT_EQ(names_of({}), "");
  EXPECT_EQ(names_of({"Vary: "}), "");
  EXPECT_EQ(names_of({"Vary: Foo, Bar"}), "bar,foo");
  EXPECT_EQ(names_of({"Vary: foo", "Vary: Bar, FOO"}), "bar,foo");
  EXPECT_EQ(names_of({"Vary: ,, Accept-Encoding ,"}), "accept-encoding");
}

TEST(VaryNames, a_star_anywhere_never_matches) {
  for (const Lines& lines : {Lines{"Vary: *"}, Lines{"Vary: *, *"}, Lines{"Vary: *", "Vary: *"}, Lines{"Vary: , *"}, Lines{"Vary: ", "Vary: *"},
                             Lines{"Vary: *, Foo"}, Lines{"Vary: Foo, *"}, Lines{"Vary: Foo bar"}}) {
    EXPECT_EQ(names_of(lines), vary_never) << lines[0];
  }
  std::string many = "Vary: a0";
  for (int i = 1; i < 33; ++i) many += ",a" + std::to_string(i);
  EXPECT_EQ(names_of({many}), vary_never);
  std::string scratch;
  EXPECT_EQ(match({vary_never, "", ""}, request()->fields, scratch), VariantMatch::none);
}

struct Pair {
  const char* vary;
  Lines stored, asked;
  bool same;
};

TEST(VarySelector, is_the_same_for_requests_that_mean_the_same) {
  const Pair pairs[]{
      {"Foo", {"Foo: 1"}, {"Foo: 1"}, true},
      {"Foo", {"Foo: 1"}, {"Foo: 2"}, false},
      {"Foo", {}, {"Foo: 1"}, false},
      {"Foo", {"Foo: 1"}, {}, false},
      {"Foo", {"Foo: "}, {}, false},
      {"Foo", {"Foo: 1", "Other: 2"}, {"Foo: 1", "Other: 3"}, true},
      {"Foo, Bar", {"Foo: 1", "Bar: abc"}, {"Bar: abc", "foo: 1"}, true},
      {"Foo, Bar", {"Foo: 1", "Bar: abc"}, {"Foo: 2", "Bar: abc"}, false},
      {"Foo, Bar", {"Foo: 1", "Bar: abc"}, {}, false},
      {"Foo, Bar, Baz", {"Foo: 1", "Bar: abc", "Baz: 789"}, {"Foo: 1", "Baz: 789", "Bar: abcde"}, false},
      {"Foo, Bar, Baz", {"Foo: 1", "Baz: 789"}, {"Foo: 1", "Baz: 789"}, true},
      {"Foo, Bar", {"Foo: 1"}, {"Bar: 1"}, false},
      {"Foo", {"Foo: 1, 2"}, {"Foo: 1", "Foo: 2"}, true},
      {"Foo", {"Foo: 1,2"}, {"Foo:   1, 2 "}, true},
      {"Foo", {"Foo: \"1, 2\""}, {"Foo: \"1,2\""}, false},
      {"Foo", {"Foo: a"}, {"Foo: A"}, false},
      {"Accept-Language", {"Accept-Language: en, de"}, {"Accept-Language: de, en"}, true},
      {"Accept-Language", {"Accept-Language: en, de"}, {"Accept-Language: eN, De"}, true},
      {"Accept-Language", {"Accept-Language: en, de"}, {"Accept-Language:  en ,   de"}, true},
      {"Accept-Language", {"Accept-Language: en, de;q=0.9"}, {"Accept-Language: de;q=0.5, en"}, true},
      {"Accept-Language", {"Accept-Language: en, de;q=0.9"}, {"Accept-Language: de, en;q=0.9"}, false},
      {"Accept-Language", {"Accept-Language: en, de;q=0"}, {"Accept-Language: en, de;q=0.1"}, false},
      {"Accept-Encoding", {"Accept-Encoding: gzip, br"}, {"Accept-Encoding: br;q=0.5,GZIP"}, true},
      {"Accept-Encoding", {"Accept-Encoding: gzip, identity"}, {"Accept-Encoding: x-gzip"}, true},
      {"Accept-Encoding", {"Accept-Encoding: gzip"}, {"Accept-Encoding: gzip, br;q=0"}, true},
      {"Accept-Encoding", {"Accept-Encoding: gzip, *"}, {"Accept-Encoding: gzip, *, br;q=0"}, false},
      {"Accept-Encoding", {"Accept-Encoding: gzip"}, {"Accept-Encoding: gzip, identity;q=0"}, false},
      {"Accept-Encoding", {"Accept-Encoding: gzip"}, {"Accept-Encoding: gzip, foo"}, false},
      {"Accept-Encoding", {"Accept-Encoding: gzip"}, {}, false},
  };
  for (const Pair& pair : pairs) {
    const std::string names = names_of({std::string("Vary: ") + pair.vary}), stored = selector_of(names, pair.stored);
    std::string scratch;
    const VariantMatch matched = match({names, stored, ""}, request(pair.asked)->fields, scratch);
    EXPECT_EQ(matched == VariantMatch::exact, pair.same) << pair.vary << ": " << (pair.asked.empty() ? "" : pair.asked[0]) << " " << scratch;
    EXPECT_EQ(scratch, selector_of(names, pair.asked));
  }
}

TEST(VarySelector, takes_a_client_that_lists_too_much_at_its_word) {
  std::string many = "Accept-Language: a0";
  for (int i = 1; i < 40; ++i) many += ", a" + std::to_string(i);
  EXPECT_EQ(selector_of("accept-language", {many}).substr(0, 7), "=a0,a1,");
}

TEST(VaryMatch, needs_nothing_without_names) {
  std::string scratch = "untouched";
  EXPECT_EQ(match({"", "", ""}, request({"Foo: 1"})->fields, scratch), VariantMatch::exact);
  EXPECT_EQ(scratch, "untouched");
}

TEST(VaryMatch, by_language_wants_the_one_that_is_liked_best) {
  const std::string names = "accept-language,foo", stored = selector_of(names, {"Accept-Language: en, de", "Foo: 1"});
  const auto matched = [&](const char* accept_language, const char* foo, const char* content_language) {
    std::string scratch;
    return match({names, stored, content_language}, request({accept_language, foo})->fields, scratch);
  };
  EXPECT_EQ(matched("Accept-Language: fr;q=0.5, de;q=1.0", "Foo: 1", "de"), VariantMatch::by_language);
  EXPECT_EQ(matched("Accept-Language: fr;q=0.5, DE", "Foo: 1", "de"), VariantMatch::by_language);
  EXPECT_EQ(matched("Accept-Language: fr, de", "Foo: 1", "de"), VariantMatch::none);
  EXPECT_EQ(matched("Accept-Language: fr;q=0.5, de", "Foo: 1", "fr"), VariantMatch::none);
  EXPECT_EQ(matched("Accept-Language: fr;q=0.5, de", "Foo: 2", "de"), VariantMatch::none);
  EXPECT_EQ(matched("Accept-Language: fr;q=0.5, de", "Foo: 1", ""), VariantMatch::none);
  EXPECT_EQ(matched("Accept-Language: *, de;q=0.5", "Foo: 1", "*"), VariantMatch::none);
}

TEST(SoleBestLanguage, is_the_one_with_the_highest_weight) {
  const auto best = [](const char* value) {
    const auto made = request({std::string("Accept-Language: ") + value});
    return std::string(sole_best_language(made->fields));
  };
  EXPECT_EQ(best("de"), "de");
  EXPECT_EQ(best("fr;q=0.5, de;q=0.501, en;q=0.2"), "de");
  EXPECT_EQ(best("fr; q=0.5 , de ;Q=0.7"), "de");
  EXPECT_EQ(best("de, en"), "");
  EXPECT_EQ(best("de;q=0"), "");
  EXPECT_EQ(best("*"), "");
  EXPECT_EQ(best(""), "");
}

}  // namespace
}  // namespace gatehouse::cache
