#include "gatehouse/filters/ip_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gatehouse::filters {
namespace {

Cidr block(std::string_view text) { return parse_cidr(text).value(); }

TEST(IpSet, merges_blocks_that_overlap_or_touch) {
  const std::vector<Cidr> blocks{block("10.0.0.0/9"), block("10.128.0.0/9"), block("10.1.0.0/16"), block("11.0.0.0/8"),
                                 block("192.0.2.0/24")};
  EXPECT_EQ(IpSet(blocks).ranges(), 2u);
}

TEST(IpSet, holds_nothing_when_empty) {
  const IpSet set;
  EXPECT_FALSE(set.contains(parse_address("::").value()));
  EXPECT_FALSE(set.contains(parse_address("0.0.0.0").value()));
}

TEST(IpSet, agrees_with_a_walk_over_all_blocks) {
  std::mt19937 random(7);
  std::vector<Cidr> blocks;
  for (int i = 0; i < 300; ++i) {
    const auto length = 96u + 16u + random() % 17u;
    const std::uint32_t mask = length == 96 ? 0 : ~std::uint32_t{0} << (128 - length);
    blocks.push_back({Address::from_v4((0x0a000000u | (random() & 0xffffffu)) & mask), static_cast<std::uint8_t>(length)});
  }
  const IpSet set(blocks);
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t number = 0x0a000000u | (random() & 0xffffffu);
    bool expected = false;
    for (const Cidr& each : blocks) expected |= ((number ^ each.base.v4()) >> (128 - each.length)) == 0;
    ASSERT_EQ(set.contains(Address::from_v4(number)), expected) << to_string(Address::from_v4(number));
  }
}

}  // namespace
}  // namespace gatehouse::filters
