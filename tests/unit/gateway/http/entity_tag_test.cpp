// Entity tags: the two comparisons (RFC 9110 8.8.3.2), lists, and tags that are none.
#include "gateway/http/entity_tag.hpp"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

TEST(EntityTag, is_compared_weakly_and_strongly) {
  struct Row {
    const char *a, *b;
    bool strong, weak;
  };
  for (const Row& row : {Row{"W/\"1\"", "W/\"1\"", false, true}, Row{"W/\"1\"", "W/\"2\"", false, false}, Row{"W/\"1\"", "\"1\"", false, true},
                         Row{"\"1\"", "\"1\"", true, true}, Row{"abc", "abc", false, true}, Row{"abc", "\"abc\"", false, false},
                         Row{"w/\"1\"", "w/\"1\"", false, true}, Row{"", "", false, false}, Row{"\"\"", "\"\"", true, true}}) {
    EXPECT_EQ(strongly_equal(entity_tag(row.a), entity_tag(row.b)), row.strong) << row.a << row.b;
    EXPECT_EQ(weakly_equal(entity_tag(row.a), entity_tag(row.b)), row.weak) << row.a << row.b;
  }
}

bool has(const char* list, const char* tag, TagComparison how = TagComparison::weak) { return tag_list_has(list, entity_tag(tag), how); }

TEST(EntityTag, is_found_wherever_it_stands_in_a_list) {
  for (const char* list : {"\"abcdef\"", "\"abcdef\", \"1234\"", "\"1234\", \"abcdef\", \"5678\"", "\"1234\",\"5678\" , \"abcdef\"", "*", " * ",
                           "W/\"abcdef\"", ",, \"abcdef\"", "x, \"abcdef\""}) {
    EXPECT_TRUE(has(list, "\"abcdef\"")) << list;
  }
  for (const char* list : {"", "\"1234\"", "abcdef", "\"abcdef", "\"abc,def\"", "\"*\"", ","}) EXPECT_FALSE(has(list, "\"abcdef\"")) << list;
}

TEST(EntityTag, has_no_escapes_and_may_hold_commas_and_any_byte) {
  EXPECT_TRUE(has("\"a\\\", \"b\"", "\"b\""));
  EXPECT_TRUE(has("\"x,y\", \"b\"", "\"x,y\""));
  EXPECT_TRUE(has("\"abcdef\xc3\xbc\"", "\"abcdef\xc3\xbc\""));
}

TEST(EntityTag, in_a_list_is_compared_as_asked) {
  EXPECT_FALSE(has("W/\"a\"", "\"a\"", TagComparison::strong));
  EXPECT_FALSE(has("\"a\"", "W/\"a\"", TagComparison::strong));
  EXPECT_TRUE(has("\"b\", \"a\"", "\"a\"", TagComparison::strong));
  EXPECT_TRUE(has("*", "", TagComparison::strong));
}

}  // namespace
}  // namespace gatehouse::http
