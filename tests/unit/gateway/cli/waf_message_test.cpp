#include "gateway/cli/waf_message.hpp"

#include <gtest/gtest.h>

namespace gatehouse::cli {
namespace {

TEST(RawRequest, is_read_with_either_line_end) {
  for (const char* raw : {"POST /a?b HTTP/1.1\r\nHost: h\r\nX:  y \r\nContent-Length: 3\r\n\r\nabcdef", "POST /a?b HTTP/1.1\nHost: h\nX:  y \nContent-Length: 3\n\nabcdef"}) {
    const auto request = parse_raw_request(raw);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method + " " + request->target + " " + request->version, "POST /a?b HTTP/1.1");
    EXPECT_EQ(request->fields, (WafFields{{"Host", "h"}, {"X", "y"}, {"Content-Length", "3"}}));
    EXPECT_EQ(request->body, "abc");
    EXPECT_EQ(request->refusal, "");
  }
}

TEST(RawRequest, gets_the_length_that_was_left_out) {
  const auto request = parse_raw_request("POST / HTTP/1.1\nHost: h\n\nabc");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, "abc");
  EXPECT_EQ(*request->find("content-length"), "3");
}

TEST(RawRequest, is_taken_out_of_its_chunks) {
  const auto request = parse_raw_request("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, "abc");
}

TEST(RawRequest, that_the_gateway_refuses_says_why_and_can_still_be_shown_to_rules) {
  const auto request = parse_raw_request("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->refusal, "duplicate_host");
  EXPECT_EQ(request->refusal_status, 400);
  EXPECT_EQ(request->fields.size(), 2u);
  EXPECT_FALSE(parse_raw_request(""));
}

TEST(RawResponse, needs_a_status_line) {
  const auto response = parse_raw_response("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\ngone");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "gone");
  EXPECT_FALSE(parse_raw_response("404 Not Found\r\n\r\n"));
  EXPECT_FALSE(parse_raw_response("HTTP/1.1 x\r\n\r\n"));
}

TEST(Har, gives_requests_with_their_responses) {
  const auto entries = parse_har(R"({"log":{"entries":[
    {"request":{"method":"POST","url":"https://h:8443/p?q#f","httpVersion":"h2","headers":[{"name":":path","value":"/p"},{"name":"A","value":"b"}],
     "postData":{"text":"x=1"}},
     "response":{"status":0,"headers":[],"content":{}}}]}})");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1u);
  const WafExchange& exchange = entries->front();
  EXPECT_EQ(exchange.request.target, "/p?q");
  EXPECT_EQ(exchange.request.fields, (WafFields{{"A", "b"}, {"Host", "h:8443"}}));
  EXPECT_EQ(exchange.request.body, "x=1");
  EXPECT_FALSE(exchange.has_response);
  EXPECT_FALSE(parse_har("{}"));
  EXPECT_FALSE(parse_har("not json"));
}

TEST(CurlOptions, make_the_request_that_curl_would_send) {
  CurlOptions options;
  options.url = "http://shop:8080/login?x=1#top";
  options.data = {"a=1", "b=2"};
  options.headers = {"User-Agent: me", "Accept:", "X-Y: z"};
  options.cookie = "s=1";
  const auto request = request_of(options);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->target, "/login?x=1");
  EXPECT_EQ(request->body, "a=1&b=2");
  EXPECT_EQ(request->fields, (WafFields{{"Host", "shop:8080"}, {"User-Agent", "me"}, {"X-Y", "z"}, {"Cookie", "s=1"},
                                        {"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Length", "7"}}));
  EXPECT_EQ(request->refusal, "");
  options.headers = {"no colon"};
  EXPECT_FALSE(request_of(options));
}

}  // namespace
}  // namespace gatehouse::cli
