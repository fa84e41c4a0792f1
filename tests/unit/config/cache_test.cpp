#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::config {
namespace {

const std::string assets = "cache: { policies: [ { name: assets } ] }\n";

std::string behaviors(const std::string& list) { return one_listener + "    behaviors: [ " + list + " ]\n"; }

TEST(CacheConfig, behaviors_name_policies) {
  const Config config = load_clean(behaviors("{ path_pattern: '/s/*', cache_policy: assets }") + assets);
  EXPECT_EQ(config.listeners.at(0).behaviors.at(0).path_pattern, "/s/*");
  EXPECT_EQ(config.cache.memory, 256u << 20);
  EXPECT_EQ(config.cache.policies.at(0).targeted_fields, std::vector<std::string>{"CDN-Cache-Control"});
}

TEST(CacheConfig, a_policy_that_is_not_there_is_an_error_with_the_nearest_one) {
  const auto problems = problems_of(behaviors("{ path_pattern: '/s/*', cache_policy: asets }") + assets);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_NE(problems[0].find("there is no cache policy 'asets' (did you mean 'assets'?)"), std::string::npos) << problems[0];
  EXPECT_NE(problems[1].find("cache policy 'assets' is not used"), std::string::npos) << problems[1];
}

TEST(CacheConfig, a_behavior_behind_one_that_takes_all_is_warned_of) {
  const auto problems = problems_of(
      behaviors("{ path_pattern: '*', cache_policy: assets }, { path_pattern: '/a', cache_policy: assets }") + assets);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("behaviors[1]: no request gets here"), std::string::npos) << problems[0];
}

TEST(CacheConfig, one_object_cannot_be_larger_than_the_memory) {
  const auto problems = problems_of(one_listener + "cache: { memory: 1MiB, object_max: 2MiB }\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("cache.object_max: is more than the whole cache.memory (1MiB)"), std::string::npos) << problems[0];
}

TEST(CacheConfig, one_object_cannot_take_more_than_half_of_the_disk) {
  const auto problems = problems_of(one_listener + "cache: { disk: { path: /var/cache/gatehouse, size: 64MiB, object_max: 33MiB } }\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("cache.disk.object_max: is more than half of cache.disk.size (64MiB)"), std::string::npos) << problems[0];
}

TEST(CacheConfig, targeted_fields_are_names_of_fields) {
  const auto problems = problems_of(behaviors("{ path_pattern: '*', cache_policy: p }") +
                                    "cache: { policies: [ { name: p, targeted_fields: ['CDN Cache'] } ] }\n");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("'CDN Cache' is no name of a header field"), std::string::npos) << problems[0];
}

}  // namespace
}  // namespace gatehouse::config
