// Replies that the gateway makes itself, to the field.
#include <gmock/gmock.h>

#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string listener_that(const std::string& action) { return "    default_actions: [ { " + action + " } ]\n"; }

Asked answer(const std::string& action, const std::string& request) {
  session::Setup setup(configuration(listener_that(action)));
  Client client(setup);
  return client.ask(request);
}

std::string get(const std::string& target, const std::string& host = "shop.example.com") {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

std::string location(const std::string& redirect, const std::string& request) {
  return answer("redirect: { " + redirect + " }", request).reply.field("location");
}

TEST(Redirect, keeps_what_it_does_not_change) {
  EXPECT_EQ(location("protocol: HTTPS, port: \"443\"", get("/a/b?c=d")), "https://shop.example.com:443/a/b?c=d");
  EXPECT_EQ(location("host: other.test", get("/a")), "http://other.test:80/a");
  EXPECT_EQ(location("host: other.test", get("/a?")), "http://other.test:80/a") << "an empty query is none";
}

TEST(Redirect, takes_parts_of_the_request_into_each_other) {
  EXPECT_EQ(location("host: \"#{host}.x\", path: \"/#{host}/#{path}/#{port}\", query: \"p=#{path}&#{query}\"", get("/a?q=1")),
            "http://shop.example.com.x:80/shop.example.com/a/80?p=a&q=1");
}

TEST(Redirect, leaves_the_requests_port_out_of_the_host) {
  EXPECT_EQ(location("protocol: HTTPS", get("/", "shop.example.com:8080")), "https://shop.example.com:80/");
}

TEST(Redirect, that_would_be_too_long_is_507) {
  const Asked asked = answer("redirect: { host: x.test, path: \"/#{path}#{path}\" }", get("/" + std::string(5000, 'a')));
  EXPECT_EQ(asked.reply.status(), 507);
  EXPECT_EQ(asked.outcome.account.reason, exchange::Errc::redirect_too_long);
}

TEST(Redirect, has_no_content_and_the_connection_goes_on) {
  const Asked asked = answer("redirect: { host: x.test, status_code: 301 }", get("/"));
  EXPECT_EQ(asked.reply.status(), 301);
  EXPECT_EQ(asked.reply.field("content-length"), "0");
  EXPECT_EQ(asked.reply.field("connection"), "");
  EXPECT_EQ(asked.reply.field("server"), "gatehouse");
  EXPECT_EQ(asked.reply.field("date"), "Tue, 14 Nov 2023 22:30:00 GMT") << "made-up time";
}

TEST(FixedResponse, has_its_status_type_and_content_but_no_content_for_HEAD) {
  const std::string action = "fixed_response: { status_code: 418, content_type: text/css, message_body: tea }";
  const Asked full = answer(action, get("/"));
  EXPECT_EQ(full.reply.status(), 418);
  EXPECT_EQ(full.reply.field("content-type"), "text/css");
  EXPECT_EQ(full.reply.body, "tea");
  const Asked head = answer(action, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.reply.field("content-length"), "3");
  EXPECT_EQ(head.reply.body, "");
  EXPECT_EQ(full.outcome.account.reason, exchange::Errc::none);
}

TEST(FixedResponse, of_204_announces_no_content) {
  const Asked asked = answer("fixed_response: { status_code: 204 }", get("/"));
  EXPECT_EQ(asked.reply.status(), 204);
  EXPECT_EQ(asked.reply.field("content-length"), "");
}

TEST(ErrorPage, tells_a_client_what_it_did_wrong_and_its_requests_id) {
  const Asked asked = answer("fixed_response: { status_code: 200 }", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  EXPECT_EQ(asked.reply.status(), 400);
  EXPECT_THAT(asked.reply.body, HasSubstr("<p>Reason: duplicate_host</p>"));
  EXPECT_THAT(asked.reply.body, HasSubstr("<p>Request ID: " + asked.reply.field("x-request-id") + "</p>"));
  EXPECT_EQ(asked.reply.field("connection"), "close");
}

TEST(ErrorPage, names_the_methods_that_are_allowed_with_405) {
  const Asked asked = answer("fixed_response: { status_code: 200 }", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
  EXPECT_EQ(asked.reply.status(), 405);
  EXPECT_EQ(asked.reply.field("allow"), "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
}

TEST(ErrorPage, says_nothing_about_origins) {
  session::Setup setup(configuration(to_web));
  Client client(setup);
  client.world().refuse_origins = true;
  const Asked asked = client.get();
  EXPECT_EQ(asked.reply.status(), 502);
  EXPECT_EQ(asked.outcome.account.reason, exchange::Errc::connect_failed);
  EXPECT_THAT(asked.reply.body, Not(HasSubstr("connect")));
  EXPECT_THAT(asked.reply.body, Not(HasSubstr("127.0.0.1")));
  EXPECT_EQ(asked.reply.field("connection"), "") << "the client's connection goes on";
}

TEST(ReplyOfFilter, is_the_filters_status_without_the_rule_that_decided) {
  session::Setup setup(configuration("    filters: [ { access_list: { deny: [\"192.0.2.0/24\"] } } ]\n" + to_web));
  Client client(setup);
  const Asked asked = client.get();
  EXPECT_EQ(asked.reply.status(), 403);
  EXPECT_EQ(asked.outcome.account.reason, exchange::Errc::filter_denied);
  EXPECT_THAT(asked.reply.body, Not(HasSubstr("Reason")));
  EXPECT_EQ(asked.sent.line, "");
}

}  // namespace
}  // namespace gatehouse::proxy
