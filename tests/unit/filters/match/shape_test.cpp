#include "match/shape.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "match/pattern_set_build.hpp"
#include "match/regex.hpp"

namespace gatehouse::filters {
namespace {

Result<PatternSet, std::string> set_of_patterns(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder) {
  PatternSetBuild build(patterns, cache_folder);
  for (std::size_t i = 0; i < build.job_count(); ++i) build.run(i);
  return build.finish();
}

ByteSet set_of(std::string_view bytes) {
  ByteSet set;
  for (const char c : bytes) set.set(static_cast<unsigned char>(c));
  return set;
}

std::string within(std::string_view expression, std::string_view bytes) {
  const auto shape = Shape::parse(expression);
  if (!shape) return "not understood";
  return shape->within(set_of(bytes)).value_or("nothing");
}

TEST(Shape, leaves_out_the_branches_that_need_other_bytes) {
  EXPECT_EQ(within("x(?:ab|c<|\\$d)y", "abcdxy"), "x(?:ab)y");
  EXPECT_EQ(within("a;b", "ab"), "nothing");
  EXPECT_EQ(within("a(?:;|\\|)*b", "ab"), "ab");
  EXPECT_EQ(within("a[;b]c", "abc"), "abc");
  EXPECT_EQ(within("a(?:;|x{0})c", "acx"), "a(?:(?:x){0,0})c");
}

TEST(Shape, says_any_byte_where_a_set_holds_all_that_occur) {
  EXPECT_EQ(within("a[^;]b", "ab"), "a.b");
  EXPECT_EQ(within("\\W", "ab"), "nothing");
}

TEST(Shape, keeps_ignoring_case) {
  EXPECT_EQ(within("(?i)ab", "abAB"), "(?i)ab");
  EXPECT_EQ(within("(?i:a)b", "abAB"), "[Aa]b");
  EXPECT_EQ(within("(?i)a(?-i)b", "abAB"), "[Aa]b");
}

TEST(Shape, drops_what_may_follow_a_certain_match) {
  EXPECT_EQ(within("ab.*", "ab"), "ab");
  EXPECT_EQ(within("ab(?:c|d)?\\b", "abcd"), "ab");
  EXPECT_EQ(within("ab{3,9}", "ab"), "a(?:b){3}");
  EXPECT_EQ(within("ab+$", "abc"), "a(?:b)+\\z");
}

TEST(Shape, leaves_look_around_out) { EXPECT_EQ(within("a(?=b)(?!c)[bc]", "abc"), "a[bc]"); }

TEST(Shape, does_not_pretend_to_understand_everything) {
  for (const char* expression : {"(?R)", "a(?(1)b)", "\\pL", "(?x)a b", "a\\Kb", "[[:^alpha:]]", "(*ANYCRLF)a", "\\Qa.b\\E", "\\x{100}"}) {
    EXPECT_FALSE(Shape::parse(expression).has_value()) << expression;
  }
}

/// A word with all that a shell lets stand between its letters, many times over.
std::string spelt_out(const std::string& before, const std::string& word) {
  std::string expression = before + "(?:";
  for (int copy = 0; copy < 24; ++copy) {
    if (copy != 0) expression += '|';
    for (const char letter : word) expression += std::string(1, letter) + "[\"'\\\\]*(?:\\$[a-z]*|\\|\\||`)?";
    if (copy != 0) expression += static_cast<char>('a' + copy);
  }
  return expression + ")";
}

/// Expressions of the kinds that rules are made of.
const std::vector<std::string> expressions{
    "(?i)\\bunion\\b.{0,9}select",
    "(?i)(?:^|[;|&`])[\\s\\x0b]*c[\\\"'\\\\]*(?:\\$[a-z]*)?a[\\\"'\\\\]*t\\b",
    "^(?:a|b(?:c|;d)?)+$",
    "(?:[\\s,]or|and)[ \\t]+\\d+=\\d+",
    "([ab])c\\1",
    "a(?!b)[^c-x]",
    "(?m)^x$",
    "\\.\\./|%2e%2e",
    "<[a-z]+[^>]*on\\w+\\s*=",
    "[^\\w\\s]{2,5}x",
    "(?s:a.b)|(?-s:c.d)",
    "(?i)e(?:x(?:ec|p)|va(?:l|\\x{6c}))\\(?",
    "\\x2dr?f|\\-\\-\\s",
    "x{2,20}y?z{0,1}",
    spelt_out("(?i)(?:^|[;\\n|])\\s*", "union"),
    spelt_out("(?i)\\|\\s*", "xx"),
};

/// A text that often nearly matches: pieces of what the expressions look for.
std::string text_of(std::mt19937& random) {
  static const std::vector<std::string> prose{"union", " ", "select", "c", "a", "t", "or", "and", "x", "..", "/", "on", ",", "@",
                                              "exp", "xx", "-", "z", "d", "e", "va", "eval", ".", "_", "9", "y", ":", "?"};
  static const std::vector<std::string> all{"union", "UNION", " ",  "select", ";",  "c",  "a",   "t",  "$x", "'",  "\\", "|", "b",
                                               "or",    "and",   "1=1", "x",     "\n", "..", "/",   "<",  "on", "=",  "exp", "(", "xx",
                                               "-",     "--",    "z",  "d",      "e",  "va", "%2e", "eval", ".", "_", "9",  "\xe9", "\t", "y"};
  const std::vector<std::string>& pieces = random() % 3 == 0 ? prose : all;
  std::string text;
  for (unsigned count = random() % 8; count > 0; --count) text += pieces[random() % pieces.size()];
  return text;
}

TEST(PatternSet, reports_every_expression_that_matches_whatever_the_text_is_made_of) {
  std::vector<NumberedPattern> patterns;
  std::vector<Regex> regexes;
  for (std::uint32_t i = 0; i < expressions.size(); ++i) {
    auto regex = Regex::compile(expressions[i]);
    ASSERT_TRUE(regex.has_value()) << expressions[i];
    regexes.push_back(std::move(*regex));
    patterns.push_back({i, {Pattern::Kind::regex, expressions[i]}});
  }
  const auto set = set_of_patterns(patterns, "");
  ASSERT_TRUE(set.has_value()) << set.error();
  AutomatonSpace space;
  set->fit(space);
  RegexSpace regex_space;
  std::mt19937 random(7);
  std::size_t matches = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::string text = text_of(random);
    std::uint64_t reported = 0;
    const auto report = [](void* to, std::uint32_t number) { *static_cast<std::uint64_t*>(to) |= std::uint64_t{1} << number; };
    set->scan(text, alphabet_of(text), space, report, &reported);
    for (std::size_t i = 0; i < regexes.size(); ++i) {
      if (regexes[i].search(text, regex_space) != Found::yes) continue;
      ++matches;
      ASSERT_TRUE(reported >> i & 1) << expressions[i] << " in " << testing::PrintToString(text);
    }
  }
  EXPECT_GT(matches, 5'000u);
}

TEST(PatternSet, does_not_search_words_for_what_words_cannot_hold) {
  const auto set = set_of_patterns({{0, {Pattern::Kind::regex, "a;b"}}, {1, {Pattern::Kind::phrase, "evil word"}}}, "");
  ASSERT_TRUE(set.has_value());
  AutomatonSpace space;
  set->fit(space);
  bool reported = false;
  set->scan("a.b", Alphabet::word, space, [](void* to, std::uint32_t) { *static_cast<bool*>(to) = true; }, &reported);
  EXPECT_FALSE(reported);
  set->scan("an Evil Word", Alphabet::text, space, [](void* to, std::uint32_t) { *static_cast<bool*>(to) = true; }, &reported);
  EXPECT_TRUE(reported);
}

TEST(PatternSet, always_reports_what_no_automaton_can_search_for) {
  const auto set = set_of_patterns({{3, {Pattern::Kind::regex, "(a(?1)?b)"}}, {4, {Pattern::Kind::regex, "xyz"}}}, "");
  ASSERT_TRUE(set.has_value()) << set.error();
  AutomatonSpace space;
  set->fit(space);
  for (const std::string text : {"word", "some prose", "some=text", "$"}) {
    std::vector<std::uint32_t> reported;
    const auto report = [](void* to, std::uint32_t number) { static_cast<std::vector<std::uint32_t>*>(to)->push_back(number); };
    set->scan(text, alphabet_of(text), space, report, &reported);
    EXPECT_EQ(reported, std::vector<std::uint32_t>{3}) << text;
  }
}

TEST(PatternSet, is_the_same_from_the_cache_and_survives_a_spoilt_file) {
  const std::string folder = testing::TempDir() + "/pattern_set_test";
  std::filesystem::remove_all(folder);
  const std::vector<NumberedPattern> patterns{{0, {Pattern::Kind::regex, "a.c"}}, {1, {Pattern::Kind::phrase, "x y"}}};
  const auto finds = [&](std::string_view text) {
    const auto set = set_of_patterns(patterns, folder);
    EXPECT_TRUE(set.has_value());
    AutomatonSpace space;
    set->fit(space);
    unsigned found = 0;
    set->scan(text, alphabet_of(text), space, [](void* to, std::uint32_t number) { *static_cast<unsigned*>(to) |= 1u << number; }, &found);
    return found;
  };
  EXPECT_EQ(finds("abc"), 1u);
  ASSERT_FALSE(std::filesystem::is_empty(folder));
  EXPECT_EQ(finds("X Y abc"), 3u);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(60);
    file.put('?');
  }
  EXPECT_EQ(finds("X Y abc"), 3u);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) std::filesystem::resize_file(entry.path(), 10);
  EXPECT_EQ(finds("abc"), 1u);
  std::filesystem::remove_all(folder);
}

TEST(PatternSet, tells_alphabets_apart) {
  EXPECT_EQ(alphabet_of(""), Alphabet::word);
  EXPECT_EQ(alphabet_of("abc-1.2_X"), Alphabet::word);
  EXPECT_EQ(alphabet_of("a b"), Alphabet::prose);
  EXPECT_EQ(alphabet_of("me@example.com, +1/2: why? Oh!"), Alphabet::prose);
  EXPECT_EQ(alphabet_of("a=b"), Alphabet::text);
  EXPECT_EQ(alphabet_of("a\nb='c'"), Alphabet::text);
  EXPECT_EQ(alphabet_of("a$b"), Alphabet::any);
  EXPECT_EQ(alphabet_of(std::string_view("a\0b", 3)), Alphabet::any);
  EXPECT_EQ(alphabet_of("\xc3\xa9"), Alphabet::any);
}

}  // namespace
}  // namespace gatehouse::filters
