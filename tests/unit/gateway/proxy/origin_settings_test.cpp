// What requests to a target group are sent with beside what the client says, and that it is taken off again.
#include <gmock/gmock.h>

#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string group(const std::string& keys, const std::string& name = "web", const std::string& port = "9001") {
  return "  - name: " + name + "\n    health_check: { enabled: false }\n    endpoints: [ { address: \"127.0.0.1:" + port + "\" } ]\n" + keys;
}

struct Settled {
  explicit Settled(const std::string& keys, const std::string& listener = to_web, const std::string& more = "")
      : setup(configuration(listener, group(keys), more)), client(setup) {}
  session::Setup setup;
  Client client;
};

const std::string control = "    origin_access_control: { region: eu-north-1, access_key_id: AKIA1, secret_access_key_command: [echo, secret]";

TEST(OriginSettings, put_a_path_before_that_of_the_client) {
  Settled at("    origin_path: /site\n");
  EXPECT_EQ(at.client.get("/a?b").sent.target(), "/site/a?b");
  EXPECT_EQ(at.client.get("/").sent.target(), "/site/");
  EXPECT_EQ(at.client.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").sent.target(), "*");
}

TEST(OriginSettings, set_fields_in_place_of_the_clients) {
  Settled at("    origin_custom_headers: [ { header_name: X-Key, header_value: mine }, { header_name: User-Agent, header_value: gate } ]\n");
  for (int i = 0; i < 2; ++i) {  // what was put on for one request is not there twice in the next
    const Message sent = at.client.get("/", "x-key: theirs\r\nX-Key: again\r\nUser-Agent: curl\r\nX-Other: kept\r\n").sent;
    unsigned count = 0;
    for (const auto& [name, value] : sent.fields) count += name == "x-key";
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(sent.field("x-key"), "mine");
    EXPECT_EQ(sent.field("user-agent"), "gate");
    EXPECT_EQ(sent.field("x-other"), "kept");
  }
}

TEST(OriginAccessControl, signs_for_the_endpoint_and_keeps_the_clients_fields_of_s3_out) {
  Settled at(control + " }\n");
  const Message sent = at.client.get("/a", "Authorization: Basic dTpw\r\nX-Amz-Acl: public-read\r\nX-Amzn-Other: kept\r\n").sent;
  EXPECT_EQ(sent.field("host"), "127.0.0.1:9001");
  EXPECT_THAT(sent.field("authorization"), StartsWith("AWS4-HMAC-SHA256 Credential=AKIA1/"));
  EXPECT_THAT(sent.field("authorization"), HasSubstr("/eu-north-1/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
  EXPECT_EQ(sent.field("x-amz-acl"), "");
  EXPECT_EQ(sent.field("x-amzn-other"), "kept");
  EXPECT_EQ(sent.field("x-amz-date").size(), 16u);
  EXPECT_EQ(sent.field("x-amz-content-sha256"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(at.client.ask("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx").sent.field("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
}

TEST(OriginAccessControl, may_leave_the_clients_authorization_or_do_nothing) {
  const std::string own = "Authorization: Basic dTpw\r\n";
  Settled no_override(control + ", signing_behavior: no-override }\n");
  EXPECT_EQ(no_override.client.get("/", own).sent.field("authorization"), "Basic dTpw");
  EXPECT_THAT(no_override.client.get("/").sent.field("authorization"), StartsWith("AWS4"));
  Settled never(control + ", signing_behavior: never }\n");
  EXPECT_EQ(never.client.get("/").sent.field("authorization"), "");
  EXPECT_EQ(never.client.get("/").sent.field("host"), "127.0.0.1:9001");
}

TEST(OriginSettings, are_not_told_to_the_group_that_stands_in) {
  const std::string keys = "    origin_path: /site\n    origin_custom_headers: [ { header_name: X-Key, header_value: mine } ]\n" + control + " }\n";
  const std::string behaviors = "    behaviors: [ { path_pattern: \"*\", cache_policy: p, target_origin: pair } ]\n" + to_web;
  const std::string more = "cache: { policies: [ { name: p } ] }\norigin_groups: [ { name: pair, members: [web, spare], failover_status_codes: [503] } ]\n";
  session::Setup setup(configuration(behaviors, group(keys) + group("", "spare", "9002"), more));
  Client client(setup);
  client.origins_say("HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n");
  const Message sent = client.get("/a", "X-Key: theirs\r\nAuthorization: Basic dTpw\r\n").sent;  // the second one's
  EXPECT_EQ(sent.target(), "/a");
  EXPECT_EQ(sent.field("x-key"), "theirs");
  EXPECT_EQ(sent.field("authorization"), "Basic dTpw");
  EXPECT_EQ(sent.field("x-amz-date"), "");
  EXPECT_EQ(sent.field("host"), "shop.example.com");
}

}  // namespace
}  // namespace gatehouse::proxy
