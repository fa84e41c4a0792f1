// Content in a coding, as rules see it.
#include "tests/support/compress.hpp"
#include "tests/unit/filters/rules/inspect.hpp"

namespace gatehouse::filters {
namespace {

using gatehouse::test::brotlied, gatehouse::test::gzipped, gatehouse::test::zstded;

constexpr const char* rules_text = R"(
SecRequestBodyLimit 4096
SecRule REQUEST_HEADERS:Content-Type "@contains json" "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:X-Raw "@streq 1" "id:2,phase:1,pass,nolog,ctl:forceRequestBodyVariable=On"
SecRule ARGS "@contains attack" "id:10,phase:2,deny,status:403"
SecRule REQUEST_BODY "@contains attack" "id:11,phase:2,deny,status:403"
SecRule REQBODY_ERROR "!@eq 0" "id:12,phase:2,deny,status:400,logdata:'%{REQBODY_ERROR_MSG}'"
SecRule REQUEST_BODY_LENGTH "@gt 0" "id:13,phase:2,pass,setvar:tx.length=%{REQUEST_BODY_LENGTH}"
)";

test::Request form(std::string coding, std::string body, std::string type = "application/x-www-form-urlencoded") {
  return {"POST", "/", {{"Content-Type", std::move(type)}, {"Content-Encoding", std::move(coding)}}, std::move(body)};
}

struct Seen {
  int status{0};
  unsigned rule{0};
  std::string data, length;
};

Seen judge(const test::Request& request, const std::string& more = {}) {
  const auto rules = test::load(rules_text + more);
  if (rules == nullptr) return {};
  Workspace space(*rules);
  const Surroundings nowhere;
  Inspection inspection(*rules, space, nowhere);
  const Decision decision = test::inspect(inspection, request);
  Seen seen{decision.status, decision.rule_id, {}, std::string(inspection.variable("length"))};
  for (const MatchedRule& match : inspection.matches()) seen.data += match.data;
  return seen;
}

TEST(CodedBody, is_decoded_before_rules_see_it) {
  EXPECT_EQ(judge(form("gzip", gzipped("q=an+attack"))).rule, 10u);
  EXPECT_EQ(judge(form("br", brotlied("q=an+attack"))).rule, 10u);
  EXPECT_EQ(judge(form("zstd", zstded("q=an+attack"))).rule, 10u);
  EXPECT_EQ(judge(form("gzip, br", brotlied(gzipped("q=an+attack")))).rule, 10u);
  EXPECT_EQ(judge(form("gzip", gzipped(R"({"a":["an attack"]})"), "application/json")).rule, 10u);
  EXPECT_EQ(judge(form("gzip", gzipped("q=harmless"))).rule, 0u);
  EXPECT_EQ(judge(form("gzip", gzipped("q=harmless"))).length, "10");
}

TEST(CodedBody, is_decoded_for_the_text_that_a_rule_asked_for) {
  test::Request request = form("gzip", gzipped("an attack"), "text/plain");
  EXPECT_EQ(judge(request).rule, 0u);
  request.fields.emplace_back("X-Raw", "1");
  EXPECT_EQ(judge(request).rule, 11u);
}

TEST(CodedBody, that_is_broken_or_of_an_unknown_coding_is_an_error_of_the_body) {
  const std::string good = gzipped("q=harmless");
  EXPECT_EQ(judge(form("gzip", "q=an+attack")).data, "the body is not in the coding that Content-Encoding names");
  EXPECT_EQ(judge(form("gzip", good.substr(0, good.size() - 3))).data, "the body ends in the middle");
  EXPECT_EQ(judge(form("gzip", good + "more")).status, 400);
  EXPECT_EQ(judge(form("compress", "whatever")).data, "the Content-Encoding cannot be undone");
  EXPECT_EQ(judge(form("gzip, gzip, gzip", gzipped(gzipped(good)))).data, "the Content-Encoding cannot be undone");
  EXPECT_EQ(judge(form("gzip", "")).status, 0) << "without content there is nothing to decode";
  EXPECT_EQ(judge(form("compress", "whatever", "application/octet-stream")).status, 0) << "nobody looks at it";
}

TEST(CodedBody, that_grows_beyond_the_limit_has_the_limits_verdict) {
  const std::string large = gzipped("q=" + std::string(5000, 'x') + "&p=attack");
  EXPECT_EQ(judge(form("gzip", large)).status, 413);
  EXPECT_EQ(judge(form("gzip", large), "SecRequestBodyLimitAction ProcessPartial").status, 0);
  const std::string early = gzipped("p=attack&q=" + std::string(5000, 'x'));
  EXPECT_EQ(judge(form("gzip", early), "SecRequestBodyLimitAction ProcessPartial").rule, 10u);
}

TEST(CodedBody, that_is_a_bomb_has_the_limits_verdict_too) {
  const std::string bomb = gzipped("q=" + std::string(3'000'000, 'x') + "&p=attack");
  const std::string settings = "SecRequestBodyLimit 16000000\nSecRequestBodyNoFilesLimit 16000000\n";
  EXPECT_EQ(judge(form("gzip", bomb), settings).status, 413);
  EXPECT_EQ(judge(form("gzip", bomb), settings + "SecRequestBodyDecompressionRatio 2000").rule, 10u);
}

TEST(CodedBody, is_left_alone_where_decoding_is_off) {
  const Seen seen = judge(form("gzip", gzipped("q=an+attack")), "SecRequestBodyDecompression Off");
  EXPECT_EQ(seen.rule, 0u);
}

struct Reply {
  std::string rules, coding, body;
};

std::string judge_reply(const Reply& reply) {
  const auto rules = test::load("SecResponseBodyAccess On\nSecResponseBodyLimit 4096\n"
                                "SecRule RESPONSE_HEADERS:Content-Encoding \"@rx .\" \"id:1,phase:4,pass\"\n"
                                "SecRule RESPONSE_BODY \"@contains secret\" \"id:2,phase:4,deny,status:500\"\n" + reply.rules);
  if (rules == nullptr) return {};
  Workspace space(*rules);
  const Surroundings nowhere;
  Inspection inspection(*rules, space, nowhere);
  const test::Request request;
  const test::Fields fields{{"Content-Type", "text/html; charset=utf-8"}, {"Content-Encoding", reply.coding}};
  test::inspect(inspection, request);
  inspection.on_response_head({200, "HTTP/1.1", {test::field_at, &fields}});
  Decision decision = inspection.on_response_body(reply.body);
  if (decision.outcome == Outcome::pass) decision = inspection.on_response_end();
  std::string seen = std::to_string(decision.status) + ":";
  for (const MatchedRule& match : inspection.matches()) seen += " " + std::to_string(match.id);
  return seen;
}

TEST(CodedResponse, is_decoded_and_does_not_look_coded_to_rules_that_leave_coded_content_alone) {
  EXPECT_EQ(judge_reply({"", "gzip", gzipped("a secret")}), "500: 2");
  EXPECT_EQ(judge_reply({"", "br", brotlied("a secret")}), "500: 2");
  EXPECT_EQ(judge_reply({"", "zstd", zstded("a secret")}), "500: 2");
  EXPECT_EQ(judge_reply({"", "gzip", gzipped("nothing")}), "0:");
  EXPECT_EQ(judge_reply({"SecResponseBodyDecompression Off", "gzip", gzipped("a secret")}), "0: 1");
  EXPECT_EQ(judge_reply({"", "compress", "whatever"}), "0: 1") << "what cannot be decoded is seen as it is";
  EXPECT_EQ(judge_reply({"", "gzip", gzipped("a secret") + "more"}), "500: 2") << "what came before the fault is judged";
}

TEST(CodedResponse, that_grows_beyond_the_limit_has_the_limits_verdict) {
  const std::string late = gzipped(std::string(5000, 'x') + "secret");
  EXPECT_EQ(judge_reply({"SecResponseBodyLimitAction Reject", "gzip", late}), "500:");
  EXPECT_EQ(judge_reply({"SecResponseBodyLimitAction ProcessPartial", "gzip", late}), "0:");
}

TEST(BodyLimit, that_rejects_does_so_too_when_the_content_pauses_right_at_the_limit) {
  const auto rules = test::load("SecRequestBodyLimit 10\nSecRule ARGS \"@contains attack\" \"id:1,phase:2,deny\"");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  const Surroundings nowhere;
  Inspection inspection(*rules, space, nowhere);
  const test::Request request = form("identity", "");
  inspection.on_request_head(test::view_of(request), "id");
  EXPECT_EQ(inspection.on_request_body("q=12345678").outcome, Outcome::pass);
  EXPECT_TRUE(inspection.wants_request_body()) << "more of it would be too much";
  EXPECT_EQ(inspection.on_request_body("&").status, 413);
}

TEST(BodyLimit, that_cuts_wants_no_more_than_it_looks_at_and_takes_the_cut_for_no_fault) {
  const auto rules = test::load("SecRequestBodyLimit 20\nSecRequestBodyLimitAction ProcessPartial\n"
                                "SecAction \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n"
                                "SecRule REQBODY_ERROR \"!@eq 0\" \"id:2,phase:2,deny,status:400\"\n"
                                "SecRule ARGS \"@contains attack\" \"id:3,phase:2,deny,status:403\"");
  ASSERT_NE(rules, nullptr);
  Workspace space(*rules);
  const Surroundings nowhere;
  const test::Request request{"POST", "/", {}, R"({"a":"harmless","b":"rest that nobody sees"})"};
  Inspection inspection(*rules, space, nowhere);
  inspection.on_request_head(test::view_of(request), "id");
  inspection.on_request_body(request.body);
  EXPECT_FALSE(inspection.wants_request_body());
  EXPECT_EQ(inspection.on_request_end().status, 0);
}

}  // namespace
}  // namespace gatehouse::filters
