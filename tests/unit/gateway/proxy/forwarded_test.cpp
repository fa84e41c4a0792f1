// What an origin is told about the client and the way, field by field. The client is 192.0.2.7:4711.
#include <gmock/gmock.h>

#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

using testing::MatchesRegex;

/// A listener with these keys of forwarded_headers.
struct Telling {
  explicit Telling(const std::string& keys = "") : setup(configuration("    forwarded_headers: { " + keys + " }\n" + to_web)), client(setup) {}

  Message sent(const std::string& fields = "", const std::string& host = "shop.example.com") { return client.get("/", fields, host).sent; }
  std::string field(const std::string& name, const std::string& fields = "") { return sent(fields).field(name); }

  session::Setup setup;
  Client client;
};

constexpr const char* trusting = "trusted_proxies: [\"192.0.2.0/24\", \"10.0.0.0/8\"]";

TEST(ForwardedFor, appends_the_peer_to_what_came_in_one_field) {
  EXPECT_EQ(Telling().field("x-forwarded-for"), "192.0.2.7");
  EXPECT_EQ(Telling().field("x-forwarded-for", "X-Forwarded-For: 198.51.100.1\r\n"), "198.51.100.1, 192.0.2.7");
  EXPECT_EQ(Telling().field("x-forwarded-for", "X-Forwarded-For: a\r\nX-Forwarded-For:\r\nX-Forwarded-For: b, c\r\n"), "a, b, c, 192.0.2.7");
}

TEST(ForwardedFor, may_have_the_port_or_be_left_alone_or_removed) {
  EXPECT_EQ(Telling("client_port: true").field("x-forwarded-for", "X-Forwarded-For: a\r\n"), "a, 192.0.2.7:4711");
  EXPECT_EQ(Telling("x_forwarded_for: preserve").field("x-forwarded-for", "X-Forwarded-For: a\r\n"), "a");
  EXPECT_EQ(Telling("x_forwarded_for: preserve").field("x-forwarded-for"), "");
  EXPECT_EQ(Telling("x_forwarded_for: remove").field("x-forwarded-for", "X-Forwarded-For: a\r\n"), "");
}

TEST(ForwardedFor, is_as_long_as_the_limits_of_the_head_allow) {
  const std::string many(15'000, ',');
  const std::string fields = "X-Forwarded-For: a" + many + "b\r\nX-Forwarded-For: c" + many + "d\r\n";
  Telling telling;
  EXPECT_EQ(telling.sent(fields, std::string(14'000, 'h')).field("x-forwarded-for"), "a" + many + "b, c" + many + "d, 192.0.2.7");
}

TEST(ForwardedProtoAndPort, are_the_gateways_own_unless_a_trusted_proxy_says_otherwise) {
  const std::string given = "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n";
  const Message own = Telling().sent(given);
  EXPECT_EQ(own.field("x-forwarded-proto"), "http");
  EXPECT_EQ(own.field("x-forwarded-port"), "80");
  const Message believed = Telling(trusting).sent(given);
  EXPECT_EQ(believed.field("x-forwarded-proto"), "https");
  EXPECT_EQ(believed.field("x-forwarded-port"), "443");
}

TEST(RequestId, is_made_unless_a_trusted_proxy_gave_a_sound_one) {
  EXPECT_THAT(Telling().field("x-request-id", "X-Request-Id: mine\r\n"), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(Telling(trusting).field("x-request-id", "X-Request-Id: mine-1.2\r\n"), "mine-1.2");
  EXPECT_THAT(Telling(trusting).field("x-request-id", "X-Request-Id: \"forged\"\r\n"), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(Telling(trusting).field("x-request-id", "X-Request-Id: " + std::string(129, 'a') + "\r\n"), MatchesRegex("[0-9a-f]{32}"));
}

TEST(Trace, has_a_root_of_its_own_or_adds_itself_to_what_came) {
  const std::string fresh = "1-[0-9a-f]{8}-[0-9a-f]{24}";
  const auto traced = [](const std::string& value) { return Telling().field("x-amzn-trace-id", "X-Amzn-Trace-Id: " + value + "\r\n"); };
  EXPECT_THAT(Telling().field("x-amzn-trace-id"), MatchesRegex("Root=" + fresh));
  EXPECT_THAT(traced("Root=1-a-b;CalledFrom=app"), MatchesRegex("Self=" + fresh + ";Root=1-a-b;CalledFrom=app"));
  EXPECT_THAT(traced("Self=1-x-y;Root=1-a-b; Self=1-z"), MatchesRegex("Self=" + fresh + ";Root=1-a-b"));
  EXPECT_THAT(traced("Parent=c"), MatchesRegex("Root=" + fresh)) << "without a Root there is no trace to add to";
  EXPECT_THAT(traced("Root=1-a-b;X=" + std::string(7200, 'y')), MatchesRegex("Root=" + fresh)) << "too long";
}

TEST(Trace, of_many_parts_is_written_once) {
  std::string parts;
  for (int i = 0; i < 1700; ++i) parts += ";k=v";
  const std::string value = Telling().field("x-amzn-trace-id", "X-Amzn-Trace-Id: Self=1-x;Root=1-a-b" + parts + "\r\n");
  EXPECT_TRUE(value.ends_with(";Root=1-a-b" + parts)) << value.substr(0, 100);
}

TEST(Host, is_lower_case_with_the_listeners_port_unless_that_is_the_default_one) {
  EXPECT_EQ(Telling().sent("", "Shop.Example.COM:80").field("host"), "shop.example.com") << "port 80 goes without saying";
  EXPECT_EQ(Telling("preserve_host: true").sent("", "Shop.Example.COM:80").field("host"), "Shop.Example.COM:80");
  EXPECT_EQ(Telling().sent("", std::string(14'000, 'H')).field("host"), std::string(14'000, 'h'));
}

TEST(Via, says_in_which_version_the_request_came_behind_those_before_it) {
  const Message sent = Telling().sent("Via: 1.0 fred\r\n");
  std::vector<std::string> values;
  for (const auto& [name, value] : sent.fields) {
    if (name == "via") values.push_back(value);
  }
  EXPECT_EQ(values, (std::vector<std::string>{"1.0 fred", "1.1 gatehouse"}));
}

TEST(Identify, refuses_more_addresses_than_can_be_meant) {
  std::string addresses = "10.0.0.1";
  for (int i = 1; i < 30; ++i) addresses += ", 10.0.0.1";
  Telling telling;
  EXPECT_EQ(telling.client.get("/", "X-Forwarded-For: " + addresses + "\r\n").reply.status(), 200);
  const Asked asked = Telling().client.get("/", "X-Forwarded-For: " + addresses + ", 10.0.0.1\r\n");
  EXPECT_EQ(asked.reply.status(), 463);
  EXPECT_EQ(asked.outcome.account.reason, exchange::Errc::too_many_addresses);
  EXPECT_EQ(asked.sent.line, "");
}

TEST(Identify, takes_the_nearest_address_that_no_trusted_proxy_has) {
  session::Setup setup(configuration(std::string("    forwarded_headers: { ") + trusting + " }\n" +
                                     "    filters: [ { access_list: { deny: [\"198.51.100.0/24\"] } } ]\n" + to_web));
  const auto status = [&](const std::string& addresses) {
    Client client(setup);
    return client.get("/", "X-Forwarded-For: " + addresses + "\r\n").reply.status();
  };
  EXPECT_EQ(status("198.51.100.9"), 403);
  EXPECT_EQ(status("198.51.100.9, 10.1.2.3"), 403) << "behind two proxies";
  EXPECT_EQ(status("198.51.100.9, 203.0.113.1"), 200) << "what a stranger says of itself is not believed";
  EXPECT_EQ(status("198.51.100.9, nonsense, 10.1.2.3"), 200);
}

}  // namespace
}  // namespace gatehouse::proxy
