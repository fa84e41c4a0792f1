#include "gateway/cli/sign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/cdn/signed_policy.hpp"
#include "gateway/cdn/url_base64.hpp"
#include "gateway/cli/moment.hpp"
#include "tests/support/signing_keys.hpp"

namespace gatehouse::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t now = 1'700'000'000;

Result<Signature, std::string> sign(SignRequest request) {
  static const tls::PrivateKey key = std::move(tls::PrivateKey::from_pem(test::ecdsa_private_key)).value();
  if (request.key_pair_id.empty()) request.key_pair_id = "K1";
  return make_signature(request, key, now);
}
std::string problem(SignRequest request) {
  const auto made = sign(std::move(request));
  return made ? "" : made.error();
}

bool is_valid(const Signature& signature, tls::SignatureHash hash) {
  std::string bytes;
  for (const auto& [name, value] : signature.parts) {
    if (name == "Signature") EXPECT_TRUE(cdn::from_url_base64(value, bytes));
  }
  return std::move(tls::PublicKey::from_pem(test::ecdsa_public_key)).value().verify(hash, signature.policy, bytes);
}

TEST(Sign, makes_a_canned_policy_where_only_an_expiry_is_asked_for) {
  const auto made = sign({.url = "https://h/a?b=c", .expires = "1h"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->policy, cdn::canned_policy("https://h/a?b=c", now + 3600));
  EXPECT_TRUE(is_valid(*made, tls::SignatureHash::sha1));
  EXPECT_THAT(made->signed_url(), StartsWith("https://h/a?b=c&Expires=1700003600&Signature="));
  EXPECT_THAT(made->signed_url(), testing::EndsWith("&Key-Pair-Id=K1"));
  EXPECT_THAT(made->cookies().front(), "CloudFront-Expires=1700003600");
}

TEST(Sign, makes_a_custom_policy_of_everything_else) {
  const auto made = sign({.url = "https://h/a?b", .expires = "1h", .not_before = "1700000060", .ip = "192.0.2.0/24", .sha256 = true});
  ASSERT_TRUE(made);
  EXPECT_TRUE(is_valid(*made, tls::SignatureHash::sha256));
  const auto policy = cdn::parse_policy(made->policy);
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->resource, R"(https://h/a\?b)");
  EXPECT_EQ(policy->not_before, now + 60);
  EXPECT_TRUE(policy->source);
  EXPECT_THAT(made->signed_url(), StartsWith("https://h/a?b&Policy="));
  EXPECT_THAT(made->signed_url(), HasSubstr("&Key-Pair-Id=K1&Hash-Algorithm=SHA256"));
  EXPECT_EQ(cdn::parse_policy(sign({.url = "https://h/a", .expires = "1h", .resource = "*"})->policy)->resource, "*");
  EXPECT_EQ(cdn::parse_policy(sign({.url = "https://h/v/*", .expires = "1h", .cookies = true})->policy)->resource, "https://h/v/*");
  EXPECT_EQ(sign({.url = "https://h/v/*", .expires = "1h"})->parts.front().first, "Expires");  // that very URL
}

TEST(Sign, takes_a_policy_as_it_is) {
  const std::string policy = R"({ "Statement": {"Condition": {"DateLessThan": {"AWS:EpochTime": 1700000009}}}})";
  const auto made = sign({.url = "https://h/a", .policy = policy});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->policy, policy);
  EXPECT_EQ(made->expires, 1700000009);
  EXPECT_THAT(problem({.url = "https://h/a", .policy = "{}"}), HasSubstr("DateLessThan"));
}

TEST(Sign, gives_a_url_the_path_that_clients_ask_for) {
  EXPECT_EQ(sign({.url = "https://h", .expires = "1h"})->url, "https://h/");
  EXPECT_EQ(sign({.url = "https://h?a", .expires = "1h"})->url, "https://h/?a");
}

TEST(Sign, says_what_it_cannot_sign) {
  EXPECT_THAT(problem({.url = "/a", .expires = "1h"}), HasSubstr("no absolute URL"));
  EXPECT_THAT(problem({.url = "ftp://h/a", .expires = "1h"}), HasSubstr("no absolute URL"));
  EXPECT_THAT(problem({.url = "https:///a", .expires = "1h"}), HasSubstr("no host"));
  EXPECT_THAT(problem({.url = "https://h/a b", .expires = "1h"}), HasSubstr("percent-encode"));
  EXPECT_THAT(problem({.url = "https://h/a#b", .expires = "1h"}), HasSubstr("percent-encode"));
  EXPECT_THAT(problem({.url = "https://h/a?Expires=1", .expires = "1h"}), HasSubstr("already"));
  EXPECT_THAT(problem({.url = "https://h/a"}), HasSubstr("--expires or --policy"));
  EXPECT_THAT(problem({.url = "https://h/a", .expires = "soon"}), HasSubstr("no time"));
  EXPECT_THAT(problem({.url = "https://h/a", .expires = "2147483648"}), HasSubstr("2038"));
  EXPECT_THAT(problem({.url = "https://h/a", .expires = "1h", .not_before = "2h"}), HasSubstr("--not-before"));
  EXPECT_THAT(problem({.url = "https://h/a", .expires = "1h", .ip = "2001:db8::/32"}), HasSubstr("IPv4"));
  EXPECT_THAT(problem({.url = "https://h/a", .expires = "1h", .ip = "192.0.2.1/24"}), HasSubstr("--ip"));
}

TEST(Moment, is_relative_a_date_or_unix_time) {
  EXPECT_EQ(parse_moment("90s", now), now + 90);
  EXPECT_EQ(parse_moment("15m", now), now + 900);
  EXPECT_EQ(parse_moment("1h", now), now + 3600);
  EXPECT_EQ(parse_moment("7d", now), now + 604'800);
  EXPECT_EQ(parse_moment("1800000000", now), 1800000000);
  EXPECT_EQ(parse_moment("0", now), 0);
  EXPECT_EQ(parse_moment("1970-01-01T00:00:01Z", now), 1);
  EXPECT_EQ(parse_moment("2024-02-29T23:59:59Z", now), 1709251199);
  EXPECT_EQ(parse_moment("2024-03-01 01:59:59+02:00", now), 1709251199);
  EXPECT_EQ(parse_moment("2024-02-29T18:29:59-05:30", now), 1709251199);
  for (const char* const text : {"", "h", "-1h", "1y", "1h ", "2023-02-29T00:00:00Z", "2024-02-29", "2024-02-29T24:00:00Z",
                                 "2024-02-29T23:59:59", "2024-02-29T23:59:59+2", "2024-02-29T23:59:59Zx", "24-02-29T23:59:59Z", "9999999999999"}) {
    EXPECT_EQ(parse_moment(text, now), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gatehouse::cli
