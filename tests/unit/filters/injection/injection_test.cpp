// Both detectors over our own attacks and near-misses, the expectations of CRS's tests where they are at hand, and their
// cost, counted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "injection/detect.hpp"
#include "injection/sql_grammar.hpp"

namespace gatehouse::filters {
namespace {

std::vector<std::string> lines(const std::string& name) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/" + name);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(line);
  return all;
}

/// The values of one kind; "\n" is a line end.
std::vector<std::string> attacks(const std::string& kind) {
  std::vector<std::string> values;
  for (const std::string& line : lines("injection_attacks.cases")) {
    if (line.rfind(kind + ' ', 0) != 0) continue;
    std::string value = line.substr(kind.size() + 1);
    const std::size_t line_end = kind == "xss" ? value.find("\\n") : std::string::npos;
    if (line_end != std::string::npos) value.replace(line_end, 2, "\n");
    values.push_back(value);
  }
  return values;
}

bool sql(std::string_view value) {
  Evidence evidence;
  return detect_sql_injection(value, evidence);
}

TEST(SqlInjection, is_found_in_each_attack_with_evidence) {
  const auto values = attacks("sql");
  ASSERT_GT(values.size(), 400u);
  for (const std::string& value : values) {
    Evidence evidence;
    EXPECT_TRUE(detect_sql_injection(value, evidence)) << value;
    EXPECT_FALSE(evidence.text().empty()) << value;
  }
}

TEST(CrossSiteScripting, is_found_in_each_attack) {
  const auto values = attacks("xss");
  ASSERT_GT(values.size(), 190u);
  for (const std::string& value : values) EXPECT_TRUE(detect_xss(value)) << value;
}

TEST(Injection, is_not_seen_in_prose_names_numbers_or_code) {
  const auto values = lines("injection_benign.cases");
  ASSERT_GT(values.size(), 700u);
  for (const std::string& value : values) {
    Evidence evidence;
    EXPECT_FALSE(detect_sql_injection(value, evidence)) << value << "  " << evidence.text();
    EXPECT_TRUE(evidence.text().empty());
    EXPECT_FALSE(detect_xss(value)) << value;
  }
}

TEST(SqlInjection, is_found_whatever_the_letter_case_and_blanks) {
  for (const std::string& value : attacks("sql")) {
    std::string upper, tabs;
    for (const char c : value) {
      upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      tabs += c == ' ' ? '\x0b' : c;
    }
    EXPECT_TRUE(sql(upper)) << upper;
    // "-- " and "# " mean the same with any blank; quotation rules look at spaces alone, which is what prose has.
    EXPECT_TRUE(sql(tabs)) << value;
  }
}

TEST(SqlInjection, is_found_with_comments_for_blanks) {
  for (const std::string value : {"1 or 1=1", "1 union select 1,2", "' or '1'='1", "'; drop table users--", "1 and sleep(5)"}) {
    std::string disguised;
    for (const char c : value) disguised += c == ' ' ? std::string("/*x*/") : std::string(1, c);
    EXPECT_TRUE(sql(disguised)) << disguised;
  }
}

TEST(SqlInjection, evidence_is_the_types_of_the_tokens_that_decided) {
  Evidence evidence;
  ASSERT_TRUE(detect_sql_injection("x' or 1=1--", evidence));
  EXPECT_EQ(evidence.text(), "s&1=1c");
  ASSERT_TRUE(detect_sql_injection("1 union all select null", evidence));
  EXPECT_EQ(evidence.text(), "1UkE1");
  ASSERT_TRUE(detect_sql_injection("admin'--", evidence));
  EXPECT_EQ(evidence.text(), "sc");
}

TEST(Injection, takes_the_shortest_values) {
  for (const std::string_view value : {"", "'", "\"", "`", "<", "-", "1", "*/", "--", "''", "<a", "</", "<!", "&#", ":", "="}) {
    EXPECT_FALSE(sql(value)) << value;
    EXPECT_FALSE(detect_xss(value)) << value;
  }
}

// What CRS's own regression tests want of rules 942100, 942101, 941100 and 941101: values as the rules see them.
TEST(Injection, meets_the_expectations_of_the_core_rule_set) {
  for (const std::string_view value :
       {"1234 OR 1=1", "-1839' or '1'='1", "-1839\" or \"1\"=\"2", "2010-01-01'+sleep(20.to_i)+'", "EmptyValue' and 526=527",
        "foo') UNION ALL select NULL --", "foo')waitfor delay'5:0:20'--", "JKGH' and sleep(12) --", "sleep(20)",
        "1'||(select extractvalue(xmltype('<?xml version", "a@example.org\" sleep(10.to_i) \"",
        "\" | type %SystemDrive%\\\\config.ini | \"", "\"a@example.org\"')) and (select*from(select(sleep(5)))x) --",
        "24'union all select 1,2,3 from aa", "/post/foo/24'union all select 1,2,3 from aa/bar", "/post/*/*/2 union all/bar"}) {
    EXPECT_TRUE(sql(value)) << value;
  }
  EXPECT_FALSE(sql("/post/foo/9'union all/bar"));
  EXPECT_FALSE(sql("/post/foo/24 union all select 1,2,3 from aa/bar"));
  EXPECT_TRUE(detect_xss("www.github.com<script><img><iframe>"));
  EXPECT_TRUE(detect_xss("/get/\"onmouseover='prompt(document.cookie)'\""));
  EXPECT_TRUE(detect_xss("/get/index.php/<svg/onload=alert()"));
  EXPECT_TRUE(detect_xss("<xss onbeforehellfreezes=alerw(1)>"));
  EXPECT_FALSE(detect_xss("http://www.coreruleset.org"));
}

/// How many tokens the lexer makes of a value; the largest number there is if two share a byte or one has none.
std::size_t tokens_of(std::string_view value, sql::Dialect dialect) {
  sql::SqlLexer lexer(value, 0, dialect);
  std::size_t count = 0, last_end = 0;
  for (sql::Token token = lexer.next(); token.kind != sql::Kind::finish; token = lexer.next()) {
    if (token.begin < last_end || token.end <= token.begin) return static_cast<std::size_t>(-1);
    last_end = token.end;
    ++count;
  }
  return count;
}

// Tokens never overlap and the grammar takes each once, so the work is bounded by the bytes times the handful of
// contexts and dialects. That these values end at all shows that no search is repeated for each of their bytes: one of
// them would then take ten thousand million steps.
TEST(Injection, reads_large_values_of_the_nastiest_kind_once) {
  for (const std::string_view unit : {"'", "\"", "`", "/*", "*/", "--", "-- \n", "(", ")", "$a$", "$$", "[", "@'", "q'[", "1.e",
                                      "' or ", "1 or ", "';", "' (", "{", "\\'", "a.", "select ", "case when ", "<", "<a ",
                                      "<!--", "<!-- --", "=\"", "&#", "&#x", "<a b='", "/*!", "'x", "N'", "x''"}) {
    std::string value = "1 ' \" ` <a ";
    while (value.size() < (1u << 17)) value += unit;
    EXPECT_LE(tokens_of(value, sql::Dialect::mysql), value.size());
    EXPECT_LE(tokens_of(value, sql::Dialect::ansi), value.size());
    (void)sql(value);
    (void)detect_xss(value);
  }
}

}  // namespace
}  // namespace gatehouse::filters
