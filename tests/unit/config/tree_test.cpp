// Files that are no configuration at all: broken YAML, bombs, bytes that are no text.
#include "tree.hpp"

#include <gmock/gmock.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Tree, broken_yaml_has_a_place) {
  EXPECT_THAT(problems_of("version: 1\nlisteners: [ { name: a }\nregions: []\n"),
              ElementsAre(testing::AllOf(testing::StartsWith("3:"), HasSubstr("this is not valid YAML: "),
                                         HasSubstr("look at indentation"))));
  EXPECT_THAT(problems_of("a: b: c\n"), ElementsAre(HasSubstr("1:5: this is not valid YAML")));
  EXPECT_THAT(problems_of("a: *nobody\n"), ElementsAre(HasSubstr("this is not valid YAML")));
  EXPECT_THAT(problems_of("\ta: 1\n"), ElementsAre(HasSubstr("this is not valid YAML")));
}

TEST(Tree, an_empty_file_is_a_problem) {
  const std::string empty = "0:0: the file is empty (the least there can be is in config/examples/minimal.yaml)";
  EXPECT_THAT(problems_of(""), ElementsAre(empty));
  EXPECT_THAT(problems_of("# nothing here\n"), ElementsAre(empty));
}

TEST(Tree, a_key_that_stands_twice_is_refused_at_any_depth) {
  EXPECT_THAT(problems_of(one_listener + "admin:\n  listen: 127.0.0.1:1\n  listen: 127.0.0.1:2\nadmin: {}\n"),
              ElementsAre("7:3: key 'listen' is given twice; the first one is on line 6 (remove one of them)",
                          "8:1: key 'admin' is given twice; the first one is on line 5 (remove one of them)"));
}

TEST(Tree, a_second_document_is_refused) {
  EXPECT_THAT(problems_of(one_listener + "---\nversion: 1\n"),
              ElementsAre("6:1: a second document starts here (a configuration is one document: remove the '---')"));
}

TEST(Tree, keys_are_words_and_tags_are_refused) {
  EXPECT_THAT(problems_of("? [a, b]\n: 1\n"), ElementsAre("1:3: a key has to be a word, found a list"));
  EXPECT_THAT(problems_of("~: 1\n"), ElementsAre(HasSubstr("a key has to be a word, found nothing")));
  EXPECT_THAT(problems_of("workers: !!int 3\n"),
              ElementsAre("1:10: YAML tags are not supported: 'tag:yaml.org,2002:int' "
                          "(remove the tag; the key decides the type)"));
}

TEST(Tree, merge_keys_are_refused_with_a_hint) {
  EXPECT_THAT(problems_of(one_listener + "admin: { <<: { listen: a } }\n"),
              ElementsAre("5:10: admin: unknown key '<<' (merge keys are not supported; repeat the keys)"));
}

TEST(Tree, only_utf8_text_is_read) {
  EXPECT_THAT(problems_of("a: \xff\n"), ElementsAre("0:0: the file is not UTF-8 text (save it as plain UTF-8)"));
  EXPECT_THAT(problems_of("a: \xed\xa0\x80\n"), ElementsAre(HasSubstr("not UTF-8")));
  EXPECT_THAT(problems_of(std::string("v\0e\0", 4)), ElementsAre(HasSubstr("the file holds a NUL byte")));
  EXPECT_THAT(problems_of(one_listener + "admin: { listen: \"127.0.0.1:1\\0\" }\n"),
              ElementsAre("5:18: admin.listen: the value holds a NUL byte"));
}

TEST(Tree, nesting_is_bounded) {
  EXPECT_THAT(problems_of("a: " + std::string(100'000, '[')), ElementsAre(HasSubstr("nested deeper than 32 levels")));
  std::string blocks;
  for (int i = 0; i < 100; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(problems_of(blocks), ElementsAre(HasSubstr("nested deeper than 32 levels")));
}

TEST(Tree, aliases_have_a_budget) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += last + ", ";
    bomb += last + "]\n";
  }
  EXPECT_THAT(problems_of(bomb), ElementsAre(HasSubstr("more than 200000 values, counting what aliases repeat")));
}

TEST(Tree, aliases_cannot_nest_without_end) {
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(problems_of(chain), ElementsAre(HasSubstr("nested deeper than 32 levels")));
  EXPECT_THAT(problems_of("a: &a [ *a ]\n"),
              ElementsAre(HasSubstr("an alias cannot stand inside the value it repeats")));
}

TEST(Tree, a_large_file_and_a_file_of_many_keys_are_bounded) {
  LoadOptions options = test_options();
  options.bytes_max = 100;
  EXPECT_THAT(problems_of(std::string(101, '#'), options), ElementsAre("0:0: the file is larger than 100 bytes"));
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "k" + std::to_string(i) + ": 1\n";
  const auto loaded = load_text(many, "test.yaml", test_options());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().errors(), 5'001u);  // and the missing listeners
  EXPECT_EQ(loaded.error().size(), Problems::kept_max);
}

}  // namespace
}  // namespace gatehouse::config
