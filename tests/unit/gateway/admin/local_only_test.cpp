#include "gateway/admin/local_only.hpp"

#include <gtest/gtest.h>

#include "gateway/admin/suggest.hpp"

namespace gatehouse::admin {
namespace {

Request from(std::string host, std::optional<std::string> origin = std::nullopt, std::string site = "") {
  Request request;
  request.host = std::move(host);
  request.origin = std::move(origin);
  request.fetch_site = std::move(site);
  return request;
}

TEST(LocalOnly, local_hosts_are_known_in_every_spelling) {
  for (const char* host : {"localhost", "LOCALHOST:9900", "localhost.:1", "a.localhost", "127.0.0.1", "127.9.9.9:80", "[::1]",
                           "[::1]:9900", "localhost:"}) {
    EXPECT_TRUE(is_local_authority(host)) << host;
  }
}

TEST(LocalOnly, names_that_only_look_local_are_not) {
  for (const char* host : {"", ":80", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost",
                           "127.0.0.1@evil.example", "127.1", "127.0.0.1:80:80", "127.0.0.256", "::1", "[::1", "[::1]x",
                           "[::1].evil", "0.0.0.0", "localhost:80x", "localhost:123456", "+127.0.0.1"}) {
    EXPECT_FALSE(is_local_authority(host)) << host;
  }
}

TEST(LocalOnly, a_host_that_is_not_local_is_refused_unless_it_is_configured_or_our_own) {
  HostRules rules;
  EXPECT_NE(refusal(from("admin.example:9900"), rules), "");
  EXPECT_NE(refusal(from(""), rules), "");
  rules.allowed = {"Admin.Example"};
  EXPECT_EQ(refusal(from("admin.example:9900"), rules), "");
  rules.allowed = {"admin.example:9900"};
  EXPECT_EQ(refusal(from("admin.example:9900"), rules), "");
  EXPECT_NE(refusal(from("admin.example:9901"), rules), "");
  rules.own_host = "10.0.0.5";
  EXPECT_EQ(refusal(from("10.0.0.5:9900"), rules), "");
}

TEST(LocalOnly, an_origin_that_is_not_local_is_refused) {
  const HostRules rules;
  EXPECT_EQ(refusal(from("127.0.0.1:9900", "http://127.0.0.1:9900"), rules), "");
  EXPECT_EQ(refusal(from("127.0.0.1:9900", "http://localhost:3000"), rules), "");
  for (const char* origin : {"https://evil.example", "null", "", "http://localhost.evil.example", "file://"}) {
    EXPECT_NE(refusal(from("127.0.0.1:9900", origin), rules), "") << origin;
  }
}

TEST(LocalOnly, a_cross_site_request_without_an_origin_is_refused) {
  const HostRules rules;
  EXPECT_NE(refusal(from("127.0.0.1:9900", std::nullopt, "cross-site"), rules), "");
  EXPECT_EQ(refusal(from("127.0.0.1:9900", std::nullopt, "same-origin"), rules), "");
  EXPECT_EQ(refusal(from("127.0.0.1:9900", std::nullopt, "none"), rules), "");
}

TEST(LocalOnly, on_a_unix_socket_any_host_will_do_but_no_foreign_origin) {
  HostRules rules;
  rules.unix_socket = true;
  EXPECT_EQ(refusal(from("anything"), rules), "");
  EXPECT_NE(refusal(from("anything", "https://evil.example"), rules), "");
}

TEST(DidYouMean, finds_the_closest_name_and_nothing_when_none_is_close) {
  EXPECT_EQ(did_you_mean("wieght", {"state", "weight"}), "; did you mean \"weight\"?");
  EXPECT_EQ(did_you_mean("eu-west-2", {"eu-north-1", "eu-west-1"}), "; did you mean \"eu-west-1\"?");
  EXPECT_EQ(did_you_mean("colour", {"state", "weight"}), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
  EXPECT_EQ(did_you_mean(std::string(100, 'a'), {std::string(100, 'b')}), "");
}

}  // namespace
}  // namespace gatehouse::admin
