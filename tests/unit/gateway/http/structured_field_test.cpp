// Structured fields: what is one, what it holds, and that everything else is refused whole.
#include "gateway/http/structured_field.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

SfItem item_of(std::string_view text) {
  SfItem item;
  EXPECT_TRUE(parse_sf_item(text, item)) << text;
  return item;
}

bool is_item(std::string_view text) {
  SfItem item;
  return parse_sf_item(text, item);
}

TEST(StructuredField, numbers_have_bounds) {
  EXPECT_EQ(item_of("42").number, 42);
  EXPECT_EQ(item_of("-0").number, 0);
  EXPECT_EQ(item_of("007").number, 7);
  EXPECT_EQ(item_of("999999999999999").number, 999999999999999);
  EXPECT_EQ(item_of("-999999999999999").number, -999999999999999);
  EXPECT_EQ(item_of(" 42 ").number, 42);
  for (const char* text : {"", "-", "- 1", "1000000000000000", "--1", "1 2", "+1", "1e3", "\t1"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, decimals_are_thousandths) {
  EXPECT_EQ(item_of("1.5").number, 1500);
  EXPECT_EQ(item_of("-0.25").number, -250);
  EXPECT_EQ(item_of("999999999999.999").number, 999999999999999);
  EXPECT_TRUE(item_of("1.0").is(SfType::decimal));
  for (const char* text : {"1.", ".5", "1.2345", "1234567890123.0", "1..2", "1.2.3"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, strings_escape_two_characters_only) {
  const SfItem item = item_of(R"("a \"b\" \\c")");
  std::array<char, 32> out;
  EXPECT_TRUE(item.is(SfType::string));
  EXPECT_EQ(std::string(out.data(), unescape_sf_string(item, out)), R"(a "b" \c)");
  EXPECT_EQ(item_of("\"\"").text, "");
  for (const char* text : {"\"", "\"a", "\"a\\", R"("\n")", "\"\x7f\"", "\"\xc3\xa4\"", "\"a\tb\"", "'a'"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, a_string_is_written_as_it_is_read) {
  std::array<char, 64> out;
  EXPECT_EQ(std::string(out.data(), write_sf_string(R"(/a?"b\c)", out)), R"("/a?\"b\\c")");
  EXPECT_EQ(std::string(out.data(), write_sf_string("\xc3\xa4\n", out)), "\"???\"");
  EXPECT_EQ(write_sf_string("too long", std::span(out).first(17)), 0U);
}

TEST(StructuredField, tokens_begin_with_a_letter_or_star) {
  EXPECT_EQ(item_of("a1:/b*").text, "a1:/b*");
  EXPECT_EQ(item_of("*").text, "*");
  EXPECT_TRUE(item_of("Foo").is(SfType::token));
  for (const char* text : {"&&", "!a", "a,", "a b", "a\"", "@a"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, bytes_are_base64_with_or_without_padding) {
  std::array<char, 16> out;
  for (const char* text : {":aGVsbG8=:", ":aGVsbG8:"}) {
    EXPECT_EQ(std::string(out.data(), decode_sf_bytes(item_of(text), out)), "hello") << text;
  }
  EXPECT_EQ(decode_sf_bytes(item_of("::"), out), 0U);
  for (const char* text : {":aGVsbG8=", ":a:", ":a=Gk:", ":aGk==:", ":aG-k:", ":aGk :", ":====:"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, booleans_dates_and_display_strings) {
  EXPECT_TRUE(item_of("?1").is_true());
  EXPECT_FALSE(item_of("?0").is_true());
  EXPECT_EQ(item_of("@1659578233").number, 1659578233);
  EXPECT_TRUE(item_of("@-1").is(SfType::date));
  const SfItem display = item_of("%\"f%c3%bc %25\"");
  std::array<char, 32> out;
  EXPECT_EQ(std::string(out.data(), unescape_sf_string(display, out)), "f\xc3\xbc %");
  for (const char* text : {"?", "?2", "?true", "@", "@1.5", "%\"%C3%BC\"", "%\"%c3\"", "%\"%ff\"", "%\"%c0%80\"", "%\"%ed%a0%80\"", "%\"a",
                           "%a", "%\"%2\"", "%\"%f4%90%80%80\""}) {
    EXPECT_FALSE(is_item(text)) << text;
  }
}

TEST(StructuredField, parameters_are_keys_with_or_without_values) {
  std::string seen;
  for (SfParameters parameters(item_of("a;b;c=2; d=\"x\";*e=?0").parameters); parameters.next();) {
    seen += std::string(parameters.key()) + "=" + std::to_string(parameters.value().number) + std::string(parameters.value().text) + " ";
  }
  EXPECT_EQ(seen, "b=1 c=2 d=0x *e=0 ");
  for (const char* text : {"a;", "a;B", "a ;b", "a;b=", "a;b =1", "a;1"}) EXPECT_FALSE(is_item(text)) << text;
}

TEST(StructuredField, lists_hold_items_and_inner_lists) {
  std::string seen;
  SfList list("a, (b  c;p );q=1,\t\"d, e\"");
  while (list.next()) {
    seen += std::string(list.item().text) + "|";
    if (!list.item().is(SfType::inner_list)) continue;
    for (SfInnerItems inner(list.item().text); inner.next();) seen += std::string(inner.item().text) + std::string(inner.item().parameters) + "+";
  }
  EXPECT_FALSE(list.broken());
  EXPECT_EQ(seen, "a|b  c;p |b+c;p+d, e|");
  EXPECT_TRUE(valid_sf_list(""));
  EXPECT_TRUE(valid_sf_list("  "));
  for (const char* text : {"a,", ",a", "a,,b", "a b", "(a", "(a,b)", "(a\"b\")", "()x", "a;", "((a))"}) EXPECT_FALSE(valid_sf_list(text)) << text;
}

TEST(StructuredField, dictionaries_have_lower_case_keys) {
  std::string seen;
  SfDictionary members("a=1, b;x, c=(1 2), a=?0");
  while (members.next()) seen += std::string(members.key()) + "=" + std::to_string(members.item().number) + " ";
  EXPECT_FALSE(members.broken());
  EXPECT_EQ(seen, "a=1 b=1 c=0 a=0 ");
  EXPECT_TRUE(valid_sf_dictionary("a , b"));
  for (const char* text : {"A=1", "a =1", "a= 1", "a=", "a=1,", "a=1 b", "1=a", "a=1, &&&&&", "a=1;", "a;="}) {
    EXPECT_FALSE(valid_sf_dictionary(text)) << text;
  }
}

TEST(StructuredField, a_walk_stops_at_the_first_error_and_stays_there) {
  SfDictionary members("a=1, &");
  EXPECT_TRUE(members.next());
  EXPECT_FALSE(members.next());
  EXPECT_FALSE(members.next());
  EXPECT_TRUE(members.broken());
}

}  // namespace
}  // namespace gatehouse::http
