// Runs tests/cases/transforms.cases and checks what the interface promises beside the outputs.
#include "transforms/transforms.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/case_rows.hpp"

namespace gatehouse::filters {
namespace {

std::vector<testing::CaseRow> rows() { return testing::read_cases(GATEHOUSE_SOURCE_DIR "/tests/cases/transforms.cases"); }

std::vector<Transform> all() {
  std::vector<Transform> found;
  for (unsigned i = 0; i < transform_count; ++i) found.push_back(static_cast<Transform>(i));
  return found;
}

TEST(Transforms, give_the_output_of_each_case) {
  const auto cases = rows();
  ASSERT_GT(cases.size(), 200u);
  Scratch out;
  for (const auto& row : cases) {
    const auto transform = transform_by_name(row.head);
    ASSERT_TRUE(transform) << "line " << row.line;
    ASSERT_EQ(row.texts.size(), 2u) << "line " << row.line;
    EXPECT_EQ(apply(*transform, row.texts[0], out), row.texts[1]) << "line " << row.line << ": " << row.head;
  }
}

TEST(Transforms, are_each_covered_by_a_case) {
  std::vector<int> seen(transform_count);
  for (const auto& row : rows()) ++seen[static_cast<unsigned>(*transform_by_name(row.head))];
  for (const Transform transform : all()) {
    EXPECT_GT(seen[static_cast<unsigned>(transform)], 0) << transform_name(transform);
  }
}

TEST(Transforms, are_found_by_name_in_any_case_and_spelling) {
  for (const Transform transform : all()) EXPECT_EQ(transform_by_name(transform_name(transform)), transform);
  EXPECT_EQ(transform_by_name("URLDECODEUNI"), Transform::url_decode_uni);
  EXPECT_EQ(transform_by_name("normalisePath"), Transform::normalize_path);
  EXPECT_EQ(transform_by_name("NormalisePathWin"), Transform::normalize_path_win);
  EXPECT_EQ(transform_by_name("utf8toUnicode"), Transform::utf8_to_unicode);
  EXPECT_FALSE(transform_by_name("urlDecodeUn"));
  EXPECT_FALSE(transform_by_name(""));
}

TEST(Transforms, return_the_input_itself_when_nothing_changes) {
  Scratch out;
  for (const auto& row : rows()) {
    const std::string_view in = row.texts[0];
    const std::string_view result = apply(*transform_by_name(row.head), in, out);
    if (row.texts[0] == row.texts[1]) {
      EXPECT_EQ(result.data(), in.data()) << "line " << row.line;
    }
  }
}

TEST(Transforms, are_called_the_identity_only_where_they_are) {
  std::mt19937 random(11);
  constexpr std::string_view letters = "aZ0x%+&\\ \t\xa0\xc3\xa9'\"^,;/(.#<=-*u\0" "41"; 
  Scratch out;
  int identities = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string value;
    for (unsigned size = random() % 6; value.size() < size;) value += letters[random() % letters.size()];
    const ByteClasses classes = classify(value);
    for (const Transform transform : all()) {
      if (!is_identity(transform, classes)) continue;
      ++identities;
      ASSERT_EQ(apply(transform, value, out), value) << transform_name(transform) << " of " << value;
    }
  }
  EXPECT_GT(identities, 100000);
}

TEST(Transforms, are_skipped_on_plain_words) {
  const ByteClasses classes = classify("plain words with numbers 42");
  for (const Transform transform :
       {Transform::none, Transform::lowercase, Transform::url_decode_uni, Transform::html_entity_decode,
        Transform::js_decode, Transform::css_decode, Transform::remove_nulls, Transform::utf8_to_unicode,
        Transform::cmd_line, Transform::compress_whitespace, Transform::normalize_path_win, Transform::replace_comments,
        Transform::escape_seq_decode, Transform::trim, Transform::sql_hex_decode}) {
    EXPECT_TRUE(is_identity(transform, classes)) << transform_name(transform);
  }
  EXPECT_FALSE(is_identity(Transform::uppercase, classes));
  EXPECT_FALSE(is_identity(Transform::length, classify("")));
  EXPECT_FALSE(is_identity(Transform::sha1, classify("")));
}

TEST(ByteClasses, know_bytes_and_pairs) {
  const auto only = [](std::string_view value, ByteClass one) { return classify(value).has(one); };
  EXPECT_EQ(classify("").bits(), 0u);
  EXPECT_TRUE(only("a--b", ByteClass::dash_pair));
  EXPECT_FALSE(only("a-b-", ByteClass::dash_pair));
  EXPECT_TRUE(only("/*", ByteClass::slash_star));
  EXPECT_FALSE(only("*/", ByteClass::slash_star));
  EXPECT_TRUE(only("*/", ByteClass::star_slash));
  EXPECT_TRUE(only(".a", ByteClass::dot_segment));
  EXPECT_TRUE(only("a/.", ByteClass::dot_segment));
  EXPECT_FALSE(only("a.b", ByteClass::dot_segment));
  EXPECT_TRUE(only(" /", ByteClass::blank_before));
  EXPECT_FALSE(only("a b/c", ByteClass::blank_before));
  EXPECT_TRUE(only("a \tb", ByteClass::blank_pair));
  EXPECT_TRUE(only("10X4", ByteClass::zero_x));
  EXPECT_TRUE(only("a\xa0", ByteClass::blank_at_end));
  EXPECT_FALSE(only("a\xa0", ByteClass::blank_at_start));
  EXPECT_TRUE(only(std::string_view("a\0", 2), ByteClass::nul));
}

TEST(Scratch, does_not_grow_again_for_values_it_has_met) {
  Scratch out;
  const std::string large(10000, '%');
  apply(Transform::url_encode, large, out);
  const std::size_t capacity = out.capacity();
  for (const Transform transform : all()) apply(transform, std::string(5000, 'A'), out);
  EXPECT_EQ(out.capacity(), capacity);
}

TEST(UnicodeMap, is_read_from_its_file_format) {
  constexpr std::string_view text =
      "# best fit\n1252 (ANSI - Latin I)\n0100:41 0101:61\n\n\n20127 (US-ASCII)\r\n00a0:20 00a1:21 2039:3c 203a:3e \r\n";
  const auto map = UnicodeMap::parse(text, 20127);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->byte_of(0x2039), '<');
  EXPECT_EQ(map->byte_of(0x0100), -1);
  Scratch out;
  EXPECT_EQ(apply(Transform::url_decode_uni, "%u2039%u0100%uff1e%u203A", out, &*map), std::string_view("<\0>>", 4));
  EXPECT_FALSE(UnicodeMap::parse(text, 1253));
  EXPECT_FALSE(UnicodeMap::parse("20127 (US-ASCII)\n00a0:20 oops\n", 20127));
  EXPECT_FALSE(UnicodeMap::parse("20127 (US-ASCII)\n00a0:200\n", 20127));
}

}  // namespace
}  // namespace gatehouse::filters
