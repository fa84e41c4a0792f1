#include "gateway/tls/policies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> enabled(const Policy& policy) {
  const ContextHandle context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_ciphersuites(context.get(), policy.suites.c_str());
  if (!policy.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), policy.ciphers.c_str());
  std::vector<std::string> names;
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i)
    names.emplace_back(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)));
  return names;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from < list.size()) {
    const std::size_t to = std::min(list.find(':', from), list.size());
    parts.push_back(list.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

TEST(Policies, every_cipher_named_is_known_to_the_library_in_that_order) {
  for (const Policy& policy : policies()) {
    std::vector<std::string> named = split(policy.suites);
    for (const std::string& cipher : split(policy.ciphers)) named.push_back(cipher);
    if (policy.ciphers.empty()) {
      std::vector<std::string> all = enabled(policy);
      all.resize(named.size());
      EXPECT_EQ(all, named) << policy.name;
    } else {
      EXPECT_EQ(enabled(policy), named) << policy.name;
    }
  }
}

TEST(Policies, groups_of_every_policy_can_be_set) {
  for (const Policy& policy : policies()) {
    const ContextHandle context(SSL_CTX_new(TLS_server_method()));
    EXPECT_EQ(SSL_CTX_set1_groups_list(context.get(), policy.groups.c_str()), 1) << policy.name;
  }
}

TEST(Policies, names_are_unique_and_carry_the_prefix) {
  std::set<std::string> seen;
  for (const Policy& policy : policies()) {
    EXPECT_TRUE(policy.name.starts_with("ELBSecurityPolicy-")) << policy.name;
    EXPECT_TRUE(seen.insert(policy.name).second) << policy.name;
    EXPECT_EQ(find_policy(policy.name), &policy);
  }
}

TEST(Policies, an_unknown_name_finds_nothing) {
  EXPECT_EQ(find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-07"), nullptr);
  EXPECT_EQ(find_policy("TLS13-1-2-Res-2021-06"), nullptr);
  EXPECT_EQ(find_policy(""), nullptr);
}

TEST(Policies, the_default_policy_allows_forward_secret_authenticated_ciphers_only) {
  const Policy* policy = find_policy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->lowest, Version::tls_1_2);
  EXPECT_EQ(policy->highest, Version::tls_1_3);
  EXPECT_EQ(policy->suites, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(policy->ciphers,
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384");
  EXPECT_THAT(policy->notes, IsEmpty());
}

TEST(Policies, aes_128_of_every_kind_comes_before_aes_256_and_rsa_key_exchange_last) {
  const Policy* policy = find_policy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->highest, Version::tls_1_2);
  EXPECT_EQ(policy->suites, "");
  EXPECT_EQ(
      policy->ciphers,
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256:"
      "ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384:"
      "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA:"
      "ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES128-SHA256:AES128-SHA:AES256-GCM-SHA384:AES256-SHA256:AES256-SHA");
}

TEST(Policies, what_differs_from_aws_is_noted) {
  EXPECT_THAT(find_policy("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09")->notes, ElementsAre(HasSubstr("post-quantum")));
  EXPECT_THAT(find_policy("ELBSecurityPolicy-2016-08")->notes, ElementsAre(HasSubstr("TLS 1.0 and 1.1")));
  EXPECT_THAT(find_policy("ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04")->notes, ElementsAre(HasSubstr("approximation")));
  EXPECT_THAT(find_policy("ELBSecurityPolicy-TLS-1-0-2015-04")->notes,
              ElementsAre(HasSubstr("TLS 1.0 and 1.1"), HasSubstr("DES-CBC3-SHA")));
}

TEST(Policies, fips_names_leave_out_chacha) {
  for (const Policy& policy : policies()) {
    if (policy.name.find("FIPS") == policy.name.npos) continue;
    EXPECT_EQ(policy.suites.find("CHACHA"), policy.suites.npos) << policy.name;
  }
}

TEST(Policies, only_tls_1_3_means_no_older_cipher) {
  const Policy* policy = find_policy("ELBSecurityPolicy-TLS13-1-3-2021-06");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->lowest, Version::tls_1_3);
  EXPECT_EQ(policy->ciphers, "");
}

}  // namespace
}  // namespace gatehouse::tls
