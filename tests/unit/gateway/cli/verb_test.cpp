#include "gateway/cli/verb.hpp"

#include <gtest/gtest.h>

namespace gatehouse::cli {
namespace {

struct Heard {
  int code{0};
  std::string out;
  std::string err;
};

Heard run(CommandLine& line, std::vector<std::string> arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Heard heard;
  heard.code = line.run(std::move(arguments));
  heard.out = testing::internal::GetCapturedStdout();
  heard.err = testing::internal::GetCapturedStderr();
  return heard;
}

/// A command line with one verb that has an option of each kind.
class VerbTest : public testing::Test {
 protected:
  VerbTest() {
    verb_.option("file", file_, "What to look at").required();
    verb_.option("-n,--name", name_, "A name").show_default();
    verb_.option("--count", count_, "How many").between(2, 9);
    verb_.option("--port", port_, "Where");
    verb_.flag("-v,--verbose", verbose_, "Say more");
    verb_.format_option(format_);
    verb_.footer("Example:\n  tool look x\n");
    verb_.does([this] { return result_; });
    line_.top().needs_verb();
  }

  CommandLine line_{"tool", "A tool", "The end"};
  Verb verb_{line_.top().verb("look", "Look at a file")};
  std::string file_, name_{"nobody"}, format_{"text"};
  unsigned count_{3};
  std::uint16_t port_{80};
  bool verbose_{false};
  int result_{0};
};

TEST_F(VerbTest, options_of_every_kind_are_read) {
  const Heard heard = run(line_, {"look", "-n", "Ann", "--count", "4", "--port=8080", "-v", "--format", "json", "a.txt"});
  EXPECT_EQ(heard.code, 0) << heard.err;
  EXPECT_EQ(file_, "a.txt");
  EXPECT_EQ(name_, "Ann");
  EXPECT_EQ(count_, 4u);
  EXPECT_EQ(port_, 8080);
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(format_, "json");
  EXPECT_TRUE(verb_.called());
}

TEST_F(VerbTest, what_is_not_given_keeps_its_value) {
  EXPECT_EQ(run(line_, {"look", "a.txt"}).code, 0);
  EXPECT_EQ(name_, "nobody");
  EXPECT_EQ(count_, 3u);
  EXPECT_EQ(port_, 80);
  EXPECT_FALSE(verbose_);
}

TEST_F(VerbTest, the_exit_code_is_what_the_verb_says) {
  result_ = 1;
  EXPECT_EQ(run(line_, {"look", "a.txt"}).code, 1);
}

TEST_F(VerbTest, wrong_usage_is_exit_code_2_with_a_message_and_nothing_is_done) {
  result_ = 7;
  const std::vector<std::string> rows[]{{"look"},
                                        {"look", "a", "b"},
                                        {"look", "a", "--count", "1"},
                                        {"look", "a", "--count", "10"},
                                        {"look", "a", "--count", "x"},
                                        {"look", "a", "--port", "65536"},
                                        {"look", "a", "--format", "xml"},
                                        {"look", "a", "--nonsense"},
                                        {"nonsense"}};
  for (const auto& arguments : rows) {
    const Heard heard = run(line_, arguments);
    EXPECT_EQ(heard.code, 2) << arguments.back();
    EXPECT_NE(heard.err, "") << arguments.back();
    EXPECT_EQ(heard.out, "") << arguments.back();
  }
}

TEST_F(VerbTest, help_shows_kinds_choices_bounds_and_defaults) {
  const Heard heard = run(line_, {"look", "--help"});
  EXPECT_EQ(heard.code, 0);
  for (const char* text : {"Look at a file", "file TEXT REQUIRED", "-n,--name TEXT=nobody", "--count UINT:UINT in [2 - 9]", "--port UINT ",
                           "--format TEXT:{text,json}=text", "Say more", "Example:\n  tool look x\n"}) {
    EXPECT_NE(heard.out.find(text), std::string::npos) << text << " in\n" << heard.out;
  }
}

TEST_F(VerbTest, without_arguments_the_help_is_an_error) {
  const Heard heard = run(line_, {});
  EXPECT_EQ(heard.code, 2);
  EXPECT_EQ(heard.out, "");
  EXPECT_NE(heard.err.find("Look at a file"), std::string::npos);
  EXPECT_NE(heard.err.find("The end"), std::string::npos);
}

TEST(Verb, a_repeatable_option_takes_one_value_each_time) {
  CommandLine line("tool", "", "");
  Verb verb = line.top().verb("add", "");
  std::vector<std::string> rules, tests;
  verb.option("-r", rules, "").one_value_each();
  verb.option("tests", tests, "");
  verb.does([] { return 0; });
  EXPECT_EQ(run(line, {"add", "-r", "a", "-r", "b", "x", "y"}).code, 0);
  EXPECT_EQ(rules, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(tests, (std::vector<std::string>{"x", "y"}));
}

TEST(Verb, options_exclude_and_need_each_other) {
  CommandLine line("tool", "", "");
  Verb verb = line.top().verb("go", "");
  std::string one, other, more;
  const Option first = verb.option("--one", one, "");
  verb.option("--other", other, "").excludes(first);
  verb.option("--more", more, "").needs(first);
  verb.does([] { return 0; });
  EXPECT_EQ(run(line, {"go", "--one", "1", "--more", "2"}).code, 0);
  EXPECT_EQ(run(line, {"go", "--other", "1"}).code, 0);
  EXPECT_EQ(run(line, {"go", "--one", "1", "--other", "2"}).code, 2);
  EXPECT_EQ(run(line, {"go", "--more", "2"}).code, 2);
}

TEST(Verb, a_group_wants_one_of_its_verbs) {
  CommandLine line("tool", "", "");
  Verb group = line.top().verb("group", "");
  group.needs_verb();
  group.verb("inner", "").does([] { return 5; });
  EXPECT_EQ(run(line, {"group"}).code, 2);
  EXPECT_EQ(run(line, {"group", "inner"}).code, 5);
}

TEST(Verb, a_verb_above_another_is_done_last_and_knows_that_the_other_was_called) {
  CommandLine line("tool", "", "");
  Verb above = line.top().verb("demo", "");
  Verb below = above.verb("origin", "");
  above.does([below] { return below.called() ? 3 : 4; });
  EXPECT_EQ(run(line, {"demo"}).code, 4);
  EXPECT_EQ(run(line, {"demo", "origin"}).code, 3);
}

}  // namespace
}  // namespace gatehouse::cli
