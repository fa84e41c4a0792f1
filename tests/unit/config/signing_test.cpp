#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/describe.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A configuration whose one behavior trusts these groups.
std::string trusting(const std::string& trusted, const std::string& groups, const std::string& keys = "{ id: K1, public_key_file: /k.pem }") {
  return one_listener + "    behaviors: [ { path_pattern: '*', cache_policy: p, trusted_key_groups: [ " + trusted + " ] } ]\n" +
         "cache: { policies: [ { name: p } ] }\npublic_keys: [ " + keys + " ]\nkey_groups: [ " + groups + " ]\n";
}

/// A configuration whose group has these keys.
std::string group_with(const std::string& keys) {
  return "listeners: [ { name: http, address: '127.0.0.1:8080', default_actions: [ { forward: { target_groups: [ { name: web } ] } } ] } ]\n"
         "target_groups: [ { name: web, endpoints: [ { address: '127.0.0.1:1' } ], " + keys + " } ]\n";
}

std::vector<std::string> errors_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& problem : problems_of(text)) {
    if (problem.find("is not used") == std::string::npos) out.push_back(problem);
  }
  return out;
}

TEST(SigningConfig, behaviors_trust_groups_of_keys) {
  const Config config = load_clean(trusting("readers", "{ name: readers, public_keys: [K1] }"));
  EXPECT_EQ(config.listeners.at(0).behaviors.at(0).trusted_key_groups, std::vector<std::string>{"readers"});
  EXPECT_EQ(config.public_keys.at(0).public_key_file, "/k.pem");
}

TEST(SigningConfig, names_have_to_exist_and_stand_once) {
  EXPECT_THAT(errors_of(trusting("reader", "{ name: readers, public_keys: [K1] }")),
              ElementsAre(HasSubstr("trusted_key_groups[0]: there is no key group 'reader' (did you mean 'readers'?)")));
  EXPECT_THAT(errors_of(trusting("readers", "{ name: readers, public_keys: [K2] }")),
              ElementsAre(HasSubstr("public_keys[0]: there is no public key 'K2'")));
  EXPECT_THAT(errors_of(trusting("readers, readers", "{ name: readers, public_keys: [K1] }")), ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(errors_of(trusting("readers", "{ name: readers, public_keys: [K1, K1] }")), ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(errors_of(trusting("readers", "{ name: readers, public_keys: [K1] }, { name: readers, public_keys: [K1] }")),
              ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(errors_of(trusting("readers", "{ name: readers, public_keys: [K1] }", "{ id: K1, public_key_file: /k }, { id: K1, public_key_file: /l }")),
              ElementsAre(HasSubstr("twice")));
}

TEST(SigningConfig, has_the_limits_of_aws) {
  std::string keys, ids, groups, names;
  for (int i = 1; i <= 6; ++i) {
    const std::string n = std::to_string(i);
    keys += (i > 1 ? ", " : "") + std::string("{ id: K") + n + ", public_key_file: /k }";
    ids += (i > 1 ? ", K" : "K") + n;
  }
  EXPECT_THAT(errors_of(trusting("g", "{ name: g, public_keys: [" + ids + "] }", keys)), ElementsAre(HasSubstr("6 keys; 5 are the most")));
  for (int i = 1; i <= 5; ++i) {
    groups += (i > 1 ? ", " : "") + std::string("{ name: g") + std::to_string(i) + ", public_keys: [K1] }";
    names += (i > 1 ? ", g" : "g") + std::to_string(i);
  }
  EXPECT_THAT(errors_of(trusting(names, groups)), ElementsAre(HasSubstr("5 key groups; 4 are the most")));
}

TEST(SigningConfig, what_nobody_names_is_warned_of) {
  EXPECT_THAT(problems_of(trusting("", "{ name: g, public_keys: [K1] }")), ElementsAre(HasSubstr("key group 'g' is not used")));
  EXPECT_THAT(problems_of(trusting("g", "{ name: g, public_keys: [K1] }", "{ id: K1, public_key_file: /k }, { id: K2, public_key_file: /k }")),
              ElementsAre(HasSubstr("public key 'K2' is not used")));
}

TEST(OriginSettings, an_origin_path_begins_with_a_slash_and_does_not_end_with_one) {
  EXPECT_THAT(errors_of(group_with("origin_path: /a/b%20c")), IsEmpty());
  EXPECT_THAT(errors_of(group_with("origin_path: a")), ElementsAre(HasSubstr("does not start with '/'")));
  EXPECT_THAT(errors_of(group_with("origin_path: /a/")), ElementsAre(HasSubstr("ends with '/'")));
  EXPECT_THAT(errors_of(group_with("origin_path: '/a?b'")), ElementsAre(HasSubstr("is no path")));
}

TEST(OriginSettings, custom_headers_are_those_that_aws_allows) {
  const auto header = [](const std::string& name, const std::string& value = "v") {
    return errors_of(group_with("origin_custom_headers: [ { header_name: '" + name + "', header_value: '" + value + "' } ]"));
  };
  EXPECT_THAT(header("X-Origin-Key", "a b"), IsEmpty());
  for (const char* const name : {"Host", "cookie", "Range", "If-None-Match", "X-Amz-Date", "x-edge-a", "X-Real-IP", "Via", "X-Forwarded-For"}) {
    EXPECT_THAT(header(name), ElementsAre(HasSubstr("cannot be set"))) << name;
  }
  EXPECT_THAT(header("a:b"), ElementsAre(HasSubstr("no name of a header field")));
  EXPECT_THAT(header("X-A", " v"), ElementsAre(HasSubstr("no value of a header field")));
  EXPECT_THAT(header("X-A", std::string(1784, 'v')).size(), 1u);
  std::string many;
  for (int i = 0; i < 11; ++i) many += (i > 0 ? ", " : "") + std::string("{ header_name: X-") + std::to_string(i) + ", header_value: v }";
  EXPECT_THAT(errors_of(group_with("origin_custom_headers: [ " + many + " ]")), ElementsAre(HasSubstr("11 fields; 10 are the most")));
  EXPECT_THAT(errors_of(group_with("origin_custom_headers: [ { header_name: A, header_value: v }, { header_name: a, header_value: v } ]")),
              ElementsAre(HasSubstr("twice")));
}

TEST(OriginSettings, a_custom_header_is_not_shown) {
  const Config config = load_clean(group_with("origin_custom_headers: [ { header_name: X-Key, header_value: hidden-value } ]"));
  EXPECT_EQ(to_json(config).find("hidden-value"), std::string::npos);
}

TEST(OriginSettings, access_control_has_one_secret_and_probes_that_can_succeed) {
  const auto control = [](const std::string& keys, const std::string& probes = "health_check: { protocol: TCP }, ") {
    return errors_of(group_with(probes + "origin_access_control: { region: eu-north-1, access_key_id: A" + keys + " }"));
  };
  EXPECT_THAT(control(", secret_access_key_file: /s"), IsEmpty());
  EXPECT_THAT(control(", secret_access_key_command: [cat, s]"), IsEmpty());
  EXPECT_THAT(control(""), ElementsAre(HasSubstr("the secret access key is missing")));
  EXPECT_THAT(control(", secret_access_key_file: /s, secret_access_key_command: [cat, s]"), ElementsAre(HasSubstr("given twice")));
  EXPECT_THAT(control(", secret_access_key_file: /s", ""), ElementsAre(HasSubstr("probes are not signed")));
  EXPECT_THAT(errors_of(group_with("health_check: { enabled: false }, origin_access_control: { secret_access_key_file: /s }")),
              ElementsAre(HasSubstr("region"), HasSubstr("access_key_id")));
}

}  // namespace
}  // namespace gatehouse::config
