// Runs tests/cases/access_list.cases: the CIDR parser and the access list filter.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gatehouse/filters/chain.hpp"
#include "gatehouse/filters/registry.hpp"

namespace gatehouse::filters {
namespace {

struct Row {
  int line;
  std::string kind, input, expected;
};

std::vector<Row> rows(const std::string& kind) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/cases/access_list.cases");
  std::vector<Row> found;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    const auto arrow = text.find(" => ");
    if (text.empty() || text[0] == '#' || text.rfind(kind + ' ', 0) != 0) continue;
    found.push_back({line, kind, text.substr(kind.size() + 1, arrow - kind.size() - 1), text.substr(arrow + 4)});
  }
  return found;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

TEST(Cidr, is_read_and_refused_as_the_cases_say) {
  const auto cases = rows("cidr");
  ASSERT_GT(cases.size(), 40u);
  for (const Row& row : cases) {
    const auto block = parse_cidr(row.input);
    std::string got;
    if (block) {
      got = to_string(*block);
    } else {
      got = "error " + block.error().message + (block.error().hint.empty() ? "" : "; " + block.error().hint);
    }
    EXPECT_EQ(got, row.expected) << "line " << row.line << ": " << row.input;
  }
}

TEST(Cidr, clears_host_bits_when_asked) {
  const auto block = parse_cidr("10.1.2.3/8", HostBits::clear);
  ASSERT_TRUE(block);
  EXPECT_EQ(to_string(*block), "10.0.0.0/8");
}

TEST(AccessList, decides_as_the_cases_say) {
  const auto cases = rows("list");
  ASSERT_GT(cases.size(), 10u);
  for (const Row& row : cases) {
    std::istringstream in(row.input);
    std::string allow_text, deny_text, client;
    in >> allow_text >> deny_text >> client;
    const auto allow = split(allow_text.substr(6)), deny = split(deny_text.substr(5));
    const Setting settings[] = {{"allow", allow}, {"deny", deny}};
    auto filter = find_filter_kind("access_list")->make(settings);
    ASSERT_TRUE(filter) << "line " << row.line;
    std::vector<std::unique_ptr<const Filter>> filters;
    filters.push_back(std::move(*filter));
    const Chain chain(std::move(filters));
    RequestView request;
    request.client = parse_address(client).value();
    Transaction transaction;
    const Verdict verdict = chain.on_request_head(request, transaction);
    EXPECT_EQ(verdict == Verdict::pass ? "pass" : transaction.reason(), row.expected) << "line " << row.line;
    if (verdict == Verdict::respond) {
      EXPECT_EQ(transaction.reply()->status, 403);
      EXPECT_EQ(transaction.decided_by(), "access_list");
    }
  }
}

TEST(AccessList, reports_every_wrong_value_at_once_with_its_place) {
  const std::vector<std::string> allow{"10.0.0.0/8", "10.0.0.1/8"}, deny{"nonsense"}, other{"x"};
  const Setting settings[] = {{"allow", allow}, {"deny", deny}, {"refuse", other}};
  const auto filter = find_filter_kind("access_list")->make(settings);
  ASSERT_FALSE(filter);
  ASSERT_EQ(filter.error().size(), 3u);
  EXPECT_EQ(filter.error()[0].setting, "allow");
  EXPECT_EQ(filter.error()[0].index, 1u);
  EXPECT_EQ(filter.error()[0].hint, "did you mean 10.0.0.0/8?");
  EXPECT_EQ(filter.error()[1].setting, "deny");
  EXPECT_EQ(filter.error()[2].setting, "refuse");
}

TEST(Registry, knows_no_filter_of_another_name) { EXPECT_EQ(find_filter_kind("access-list"), nullptr); }

}  // namespace
}  // namespace gatehouse::filters
