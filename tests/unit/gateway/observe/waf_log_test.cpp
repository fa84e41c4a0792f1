#include "gateway/observe/waf_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace gatehouse::observe {
namespace {

TEST(WafLine, is_json_with_everything_that_is_promised) {
  const std::vector<std::string> tags{"attack-sqli"};
  filters::MatchedRule match;
  match.id = 942100;
  match.phase = 2;
  match.severity = 2;
  match.message = "SQL \"Injection\"";
  match.variable = "ARGS:q";
  match.value = "1' or\n1=1\x01\xff";
  match.tags = tags;
  WafRecord record;
  record.wall_ns = 1'700'000'000'000'005'000u;
  record.request_id = "r-1";
  record.web_acl = "edge";
  record.action = WafAction::block;
  record.rule = 949110;
  record.score = 5;
  record.status = 403;
  record.matches = {&match, 1};
  const auto line = boost::json::parse(waf_line(record)).as_object();
  EXPECT_EQ(line.at("time").as_string(), "2023-11-14T22:13:20.000005Z");
  EXPECT_EQ(line.at("action").as_string(), "block");
  EXPECT_EQ(line.at("rule_ids"), boost::json::parse("[942100]"));
  EXPECT_EQ(line.at("messages").as_array().at(0).as_string(), "SQL \"Injection\"");
  EXPECT_EQ(line.at("score").as_int64(), 5);
  const auto& first = line.at("matches").as_array().at(0).as_object();
  EXPECT_EQ(first.at("severity").as_string(), "CRITICAL");
  EXPECT_EQ(first.at("tags"), boost::json::parse(R"(["attack-sqli"])"));
  EXPECT_EQ(first.at("value").as_string(), "1' or\n1=1\x01\xEF\xBF\xBD");
}

bool field_at(const void* context, std::uint32_t index, filters::FieldView& field) noexcept {
  if (index != 0) return false;
  field = {"Name", static_cast<const char*>(context)};
  return true;
}

TEST(WafLine, has_the_parts_of_the_audit_record_that_were_asked_for) {
  const std::vector<filters::MatchedRule> matches(1);
  filters::AuditRecord audit;
  WafRecord record;
  record.matches = matches;
  record.audit = &audit;
  audit.parts = filters::AuditParts("ABZ");
  audit.request_fields = {field_at, "a\"b"};
  audit.request_body = "not asked for";
  const auto some = boost::json::parse(waf_line(record)).as_object();
  EXPECT_EQ(some.at("request_headers"), boost::json::parse(R"([["Name","a\"b"]])"));
  for (const char* const name : {"request_body", "response_headers", "response_body", "files", "matches"}) EXPECT_FALSE(some.contains(name)) << name;
  audit.parts = filters::AuditParts("ACEFJKZ");
  audit.request_body = std::string(100'000, 'x');
  audit.response_body = "page";
  audit.response_fields = {field_at, "c"};
  audit.files = {{"f", "x.txt", 7}};
  const auto more = boost::json::parse(waf_line(record)).as_object();
  EXPECT_EQ(more.at("request_body").as_string().size(), 16u * 1024) << "cut, so that the line has room";
  EXPECT_EQ(more.at("response_body").as_string(), "page");
  EXPECT_EQ(more.at("response_headers"), boost::json::parse(R"([["Name","c"]])"));
  EXPECT_EQ(more.at("files"), boost::json::parse(R"([{"bytes":7,"field":"f","name":"x.txt"}])"));
  EXPECT_EQ(more.at("matches").as_array().size(), 1u);
  EXPECT_FALSE(more.contains("request_headers"));
}

TEST(WafLine, stays_one_line_and_within_bounds) {
  const std::string long_value(100'000, 'x');
  std::vector<filters::MatchedRule> matches(500);
  for (auto& match : matches) match.value = long_value;
  WafRecord record;
  record.target = "/\r\n\u2028";
  record.matches = matches;
  const std::string line = waf_line(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_LT(line.size(), 200'000u);
  EXPECT_TRUE(boost::json::parse(line).at("status").is_null());
}

}  // namespace
}  // namespace gatehouse::observe
