#include "gateway/cdn/signed_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace gatehouse::cdn {
namespace {

using namespace std::string_literals;

const std::string date = R"("DateLessThan":{"AWS:EpochTime":1357034400})";
std::string statement(const std::string& condition, const std::string& resource = R"("Resource":"http://h/a",)") {
  return R"({"Statement":[{)" + resource + R"("Condition":{)" + condition + "}}]}";
}

TEST(CannedPolicy, is_the_text_that_signers_sign) {
  EXPECT_EQ(canned_policy("http://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes", 1357034400),
            R"({"Statement":[{"Resource":"http://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes",)"
            R"("Condition":{"DateLessThan":{"AWS:EpochTime":1357034400}}}]})");
}

TEST(CustomPolicy, is_read_as_it_was_written) {
  Policy policy;
  policy.resource = R"(http://h/"quoted"\?a=\b*)";
  policy.expires = 2'000'000'000;
  EXPECT_EQ(parse_policy(custom_policy(policy))->resource, policy.resource);
  policy.not_before = 0;
  policy.source = *filters::parse_cidr("192.0.2.0/24");
  EXPECT_EQ(custom_policy(policy),
            R"({"Statement":[{"Resource":"http://h/\"quoted\"\\?a=\\b*","Condition":{"DateLessThan":{"AWS:EpochTime":2000000000},)"
            R"("DateGreaterThan":{"AWS:EpochTime":0},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]})");
  const auto read = parse_policy(custom_policy(policy));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->expires, policy.expires);
  EXPECT_EQ(read->not_before, policy.not_before);
  EXPECT_EQ(read->source, policy.source);
}

TEST(CustomPolicy, may_have_white_space_any_order_one_statement_without_an_array_and_no_resource) {
  const auto policy = parse_policy(" {\n \"Statement\" : { \"Condition\" : { \"IpAddress\" : { \"AWS:SourceIp\" : \"192.0.2.7\" } ,\r\n"
                                   "\"DateGreaterThan\": {\"AWS:EpochTime\": 5},\t\"DateLessThan\" : { \"AWS:EpochTime\" : 9 } } } }\n");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->resource, std::nullopt);
  EXPECT_EQ(policy->expires, 9);
  EXPECT_EQ(policy->not_before, 5);
}

TEST(CustomPolicy, may_escape_what_json_escapes_and_the_question_mark) {
  EXPECT_EQ(parse_policy(statement(date, R"("Resource":"http:\/\/h\/\u0061\?x\\?y\u002A",)"))->resource, R"(http://h/a\?x\?y*)");
}

TEST(CustomPolicy, is_of_no_use_when_anything_in_it_is_not_understood) {
  ASSERT_TRUE(parse_policy(statement(date)));
  const std::string rows[] = {
      "", "{}", "[]", "null", statement(""), statement(date) + "x", statement(date) + statement(date),
      R"({"Statement":[]})", R"({"Statement":[{}]})", R"({"Statement":{"Resource":"http://h/a"}})",
      R"({"Statement":[{"Condition":{)" + date + R"(}},{"Condition":{)" + date + "}}]}",
      R"({"Version":"2012-10-17","Statement":{"Condition":{)" + date + "}}}",
      R"({"Statement":{"Condition":{)" + date + R"(}},"Statement":{"Condition":{)" + date + "}}}",
      statement(date, R"("Resource":"http://h/a","Resource":"http://h/b",)"),
      statement(date, R"("Resource":["http://h/a"],)"),
      statement(date, R"("Effect":"Allow",)"),
      statement(date + "," + date),
      statement(date + R"(,"DateLessThanEquals":{"AWS:EpochTime":1357034400})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":"1357034400"})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":-1})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":1.5})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":1e9})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":01})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":2147483648})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":99999999999999999999})"),
      statement(R"("DateLessThan":{})"),
      statement(R"("DateLessThan":{"AWS:EpochTime":1,"AWS:EpochTime":2})"),
      statement(R"("DateLessThan":{"aws:epochtime":1})"),
      statement(R"("DateLessThan":1357034400)"),
      statement(date + R"(,"IpAddress":{"AWS:SourceIp":"2001:db8::/32"})"),
      statement(date + R"(,"IpAddress":{"AWS:SourceIp":"::ffff:192.0.2.1"})"),
      statement(date + R"(,"IpAddress":{"AWS:SourceIp":"192.0.2.0/33"})"),
      statement(date + R"(,"IpAddress":{"AWS:SourceIp":""})"),
      statement(date + R"(,"IpAddress":{"AWS:SourceIp":["192.0.2.0/24"]})"),
      statement(date + R"(,"IpAddress":{})"),
      statement(date + R"(,"NotIpAddress":{"AWS:SourceIp":"192.0.2.0/24"})"),
      statement(date + ","),
      statement(date, R"("Resource":"http://h/\n",)"),
      statement(date, R"("Resource":"http://h/\u00e9",)"),
      statement(date, R"("Resource":"http://h/\u006",)"),
      statement(date, "\"Resource\":\"http://h/\n\","),
      statement(date, R"("Resource":"http://h/,)"),
      statement(date, R"("Resource":'http://h/',)"),
  };
  for (const std::string& row : rows) EXPECT_FALSE(parse_policy(row)) << row;
}

TEST(CustomPolicy, is_of_no_use_when_it_is_cut_anywhere_or_too_long) {
  const std::string whole = statement(date + R"(,"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"})");
  ASSERT_TRUE(parse_policy(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_policy(std::string_view(whole).substr(0, size))) << size;
  EXPECT_TRUE(parse_policy(whole + std::string(policy_size_max - whole.size(), ' ')));
  EXPECT_FALSE(parse_policy(whole + std::string(policy_size_max - whole.size() + 1, ' ')));
  EXPECT_FALSE(parse_policy(std::string(6000, '{')));
  EXPECT_FALSE(parse_policy(R"({"Statement":)" + std::string(5000, '[')));
}

TEST(CustomPolicy, admits_addresses_of_its_block) {
  const auto admits = [](const char* block, const char* client) {
    Policy policy;
    policy.source = *filters::parse_cidr(block);
    return policy.admits(*filters::parse_address(client));
  };
  EXPECT_TRUE(Policy().admits(*filters::parse_address("2001:db8::1")));
  EXPECT_TRUE(admits("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(admits("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(admits("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(admits("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(admits("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(admits("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(admits("192.0.2.0/24", "::ffff:192.0.2.1"));
}

TEST(PolicyTime, is_a_plain_number_up_to_2038) {
  EXPECT_EQ(policy_time("0"), 0);
  EXPECT_EQ(policy_time("2147483647"), 2147483647);
  for (const char* const text : {"", "2147483648", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "0x1", "21474836470"}) {
    EXPECT_EQ(policy_time(text), std::nullopt) << text;
  }
}

struct ResourceRow {
  const char* resource;
  const char* scheme;
  const char* authority;
  const char* path;
  const char* query;  // null: none
  bool covered;
};

// The matrix of sections: where a wildcard stands, and what it may reach.
const ResourceRow resources[] = {
    // no wildcard
    {"http://h/a", "http", "h", "/a", nullptr, true},
    {"http://h/a", "https", "h", "/a", nullptr, false},
    {"http://h/a", "http", "g", "/a", nullptr, false},
    {"http://h/a", "http", "h", "/A", nullptr, false},
    {"http://h/a", "http", "h", "/ab", nullptr, false},
    {"http://h/a", "http", "h", "/a", "x=1", false},
    {"HTTP://H/a", "http", "h", "/a", nullptr, true},
    {"http://h:8080/a", "http", "h:8080", "/a", nullptr, true},
    {"http://h/a", "http", "h:8080", "/a", nullptr, false},
    {"http://h", "http", "h", "/", nullptr, true},
    {"http://h", "http", "h", "/a", nullptr, false},
    // the query
    {R"(http://h/a\?x=1)", "http", "h", "/a", "x=1", true},
    {R"(http://h/a\?x=1)", "http", "h", "/a", "x=12", false},
    {R"(http://h/a\?x=1)", "http", "h", "/a", nullptr, false},
    {R"(http://h/a\?x=*)", "http", "h", "/a", "x=12&y=/", true},
    {R"(http://h/a\?x=?)", "http", "h", "/a", "x=1", true},
    {R"(http://h/a\?x=?)", "http", "h", "/a", "x=", false},
    {R"(http://h/a\?*)", "http", "h", "/a", "", true},
    {R"(http://h/a\?*)", "http", "h", "/a", nullptr, false},
    {R"(http://h/a\?x\?y)", "http", "h", "/a", "x?y", true},
    {R"(http://h/a\?x\?y)", "http", "h", "/a", "xzy", false},
    {R"(http://h\?x)", "http", "h", "/", "x", true},
    // a plain ? is one character of its section, never the one before the query, but for the very URL
    {"http://h/?", "http", "h", "/a", nullptr, true},
    {"http://h/?", "http", "h", "/", nullptr, false},
    {"http://h/?", "http", "h", "/ab", nullptr, false},
    {"http://h/a?x=*", "http", "h", "/a", "x=1", false},
    {"http://h/a?x=1", "http", "h", "/abx=1", nullptr, true},
    {"http://h/a?x=1", "http", "h", "/a", "x=1", true},
    {"http://?/a", "http", "h", "/a", nullptr, true},
    // * in the path
    {"http://h/*", "http", "h", "/", nullptr, true},
    {"http://h/*", "http", "h", "/a/b", nullptr, true},
    {"http://h/*", "http", "h", "/a/b", "x=1", true},
    {"http://h/*/b", "http", "h", "/a/c/b", nullptr, true},
    {"http://h/*/b", "http", "h", "/a/b", "x=1", false},
    {"http://h/*/b", "http", "h", "/a", "x=/b", false},
    {"http://h/*.jpg", "http", "h", "/a", "x=.jpg", false},
    {"http://h/a*b*c", "http", "h", "/abcbc", nullptr, true},
    {"http://h/a*b*c", "http", "h", "/acb", nullptr, false},
    {R"(http://h/a*\?x=1)", "http", "h", "/abc", "x=1", true},
    {R"(http://h/a*\?x=1)", "http", "h", "/abc", "x=2", false},
    {R"(http://h/a*\?x=1)", "http", "h", "/a", "b?x=1", false},
    // * in the domain
    {"http://*", "http", "h", "/a", "x=1", true},
    {"http://*", "https", "h", "/a", "x=1", false},
    {"http://h.*", "http", "h.example", "/a", "x=1", true},
    {"http://h.*", "http", "g.example", "/h.", nullptr, false},
    {"http://*.example/a", "http", "h.example", "/a", nullptr, true},
    {"http://*.example/a", "http", "evil", "/.example/a", nullptr, false},
    {"http://*/a", "http", "h", "/a", nullptr, true},
    {"http://*/a", "http", "h", "/b/a", nullptr, false},
    {"http://*/a", "http", "h", "/a", "x", false},
    {R"(http://*\?x)", "http", "h", "/", "x", true},
    {R"(http://*\?x)", "http", "h", "/a", "x", false},
    // the scheme
    {"*://h/a", "http", "h", "/a", nullptr, true},
    {"*://h/a", "https", "h", "/a", nullptr, true},
    {"http*://h/a", "https", "h", "/a", nullptr, true},
    {"https://h/a", "http", "h", "/a", nullptr, false},
    {"*", "https", "h", "/a/b", "x=1", true},
    {"*h/a", "https", "h", "/a", nullptr, true},
    {"*.example/a", "http", "h.example", "/a", nullptr, true},
    {"*.example/a", "http", "h.example", "/b", nullptr, false},
    {"*/a", "https", "h", "/a", nullptr, true},
    {"*/a", "https", "h", "/b/a", nullptr, false},
    {R"(*/a\?u=http://g/b)", "https", "h", "/a", "u=http://g/b", true},
    {"h/a", "http", "h", "/a", nullptr, false},
    {"/a", "http", "h", "/a", nullptr, false},
    {"", "http", "h", "/", nullptr, false},
    {"?ttp://h/a", "http", "h", "/a", nullptr, true},
};

TEST(Resource, stands_for_urls_section_by_section) {
  for (const ResourceRow& row : resources) {
    const SignedUrl url{row.scheme, row.authority, row.path, row.query == nullptr ? "" : row.query, row.query != nullptr};
    EXPECT_EQ(covers(row.resource, url), row.covered) << row.resource << " and " << url.text();
  }
}

TEST(Resource, made_of_a_url_stands_for_it_alone) {
  const SignedUrl url{"https", "h", "/a", "x=1?", true};
  EXPECT_EQ(resource_of(url.text()), R"(https://h/a\?x=1\?)");
  EXPECT_TRUE(covers(resource_of(url.text()), url));
  EXPECT_FALSE(covers(resource_of(url.text()), {"https", "h", "/abx=1c", "", false}));
}

TEST(Resource, with_many_wildcards_is_decided_soon) {
  std::string resource = "http://h/";
  for (int i = 0; i < 500; ++i) resource += "*a";
  resource += "b";
  const std::string path = "/" + std::string(5000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(covers(resource, {"http", "h", path, "", false}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));  // 2^500 steps would not end
}

}  // namespace
}  // namespace gatehouse::cdn
