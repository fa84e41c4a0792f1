#include "gateway/observe/json_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gatehouse::observe {
namespace {

std::string escaped(std::string_view text) {
  std::vector<char> room(json_escape_bound(text.size()));
  const std::string out(room.data(), json_escape(room.data(), text));
  EXPECT_EQ(json_escaped_size(text), out.size()) << text;
  return out;
}

TEST(JsonText, clean_text_of_any_length_stays_as_it_is) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(escaped(text), text);
    text += static_cast<char>('a' + i % 26);
  }
}

TEST(JsonText, special_characters_are_escaped_at_every_place_of_a_block) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text[at] = '\n';
    EXPECT_EQ(escaped(text), std::string(at, 'x') + "\\n" + std::string(39 - at, 'x'));
  }
  EXPECT_EQ(escaped("\"\\\r\t"), "\\\"\\\\\\r\\t");
  EXPECT_EQ(escaped(std::string_view("\0\x1f\x7f\x1b", 4)), "\\u0000\\u001f\\u007f\\u001b");
}

TEST(JsonText, valid_utf_8_passes) {
  for (const char* text : {"é", "€", "😀", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xe0\xa0\x80"}) {
    EXPECT_EQ(escaped(text), text);
  }
}

TEST(JsonText, what_is_not_utf_8_is_replaced_byte_by_byte) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(escaped("a\xff" "b"), "a" + bad + "b");
  EXPECT_EQ(escaped("\xc3"), bad);                              // cut
  EXPECT_EQ(escaped("\xc0\xaf"), bad + bad);                    // overlong
  EXPECT_EQ(escaped("\xe0\x80\xaf"), bad + bad + bad);          // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), bad + bad + bad);          // surrogate
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
  EXPECT_EQ(escaped("\xe2\x82" "a"), bad + bad + "a");
}

TEST(JsonText, controls_beyond_ascii_and_direction_marks_are_escaped) {
  EXPECT_EQ(escaped("\xc2\x9b" "31m"), "\\u009b31m");
  EXPECT_EQ(escaped("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae"), "\\u2028\\u2029\\u202e");
  EXPECT_EQ(escaped("\xe2\x80\xaf"), "\xe2\x80\xaf");
}

// Whatever comes in, nothing comes out that ends a line or a string, and the bound holds.
TEST(JsonText, random_bytes_never_break_out) {
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 70, ' ');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : 'a' + random() % 26);
    const std::string out = escaped(text);
    ASSERT_LE(out.size(), json_escape_bound(text.size()));
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_GE(static_cast<unsigned char>(out[i]), 0x20);
      ASSERT_NE(out[i], '"' ) << "not behind a backslash";
      if (out[i] == '\\') ++i;
    }
  }
}

TEST(JsonText, appending_adds_the_quotes) {
  std::string out = "x=";
  append_json_string(out, "a\"b");
  append_json_string(out, "");
  EXPECT_EQ(out, "x=\"a\\\"b\"\"\"");
}

}  // namespace
}  // namespace gatehouse::observe
