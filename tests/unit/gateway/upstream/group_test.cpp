#include "gateway/upstream/group.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace gatehouse::upstream {
namespace {

using region::Reason;
using region::Standing;

constexpr std::uint64_t now = 1'000'000;
constexpr HealthReport down{Health::unhealthy, HealthReason::timeout, 0};
constexpr HealthReport up{Health::healthy, HealthReason::none, 200};

config::Endpoint endpoint(std::uint16_t port, const std::string& region, std::uint32_t weight = 128) {
  config::Endpoint made;
  made.address = "127.0.0.1:" + std::to_string(port);
  made.region = region;
  made.weight = weight;
  return made;
}

/// Two endpoints in the north (1, 2), two in the south (3, 4).
struct TwoRegions : testing::Test {
  explicit TwoRegions(std::vector<std::uint32_t> weights = {128, 128, 128, 128})
      : group(config_of(weights), regions, registry) {
    north = &dials.obtain("north");
    south = &dials.obtain("south");
  }

  static config::TargetGroup config_of(const std::vector<std::uint32_t>& weights) {
    config::TargetGroup config;
    config.name = "web";
    for (std::size_t i = 0; i < weights.size(); ++i) {
      config.endpoints.push_back(endpoint(static_cast<std::uint16_t>(i + 1), i < 2 ? "north" : "south", weights[i]));
    }
    return config;
  }

  EndpointState& at(std::size_t number) { return *group.endpoints()[number - 1]; }
  region::Choice steer(std::uint64_t random = 0) {
    region::RegionState* const states[] = {north, south};
    return group.choose_region(states, now, random);
  }
  /// How often each endpoint's port was picked.
  std::map<int, int> picks(GroupPicker& picker, std::uint16_t region, int count,
                           const EndpointState* exclude = nullptr) {
    std::map<int, int> counts;
    for (int i = 0; i < count; ++i) {
      const Picked picked = picker.pick(region, now, exclude);
      ++counts[picked.endpoint == nullptr ? 0 : picked.endpoint->port()];
    }
    return counts;
  }

  std::vector<config::Region> regions{{"north", 100, {}}, {"south", 100, {}}};
  EndpointRegistry registry;
  region::RegionRegistry dials;
  region::RegionState* north;
  region::RegionState* south;
  Group group;
};

using Counts = std::map<int, int>;

TEST_F(TwoRegions, are_picked_apart) {
  GroupPicker picker(group, 0);
  EXPECT_EQ(picks(picker, 0, 10), (Counts{{1, 5}, {2, 5}}));
  EXPECT_EQ(picks(picker, 1, 10), (Counts{{3, 5}, {4, 5}}));
  EXPECT_EQ(picks(picker, any_region, 12), (Counts{{1, 3}, {2, 3}, {3, 3}, {4, 3}}));
}

TEST_F(TwoRegions, leave_out_what_is_unhealthy_draining_or_ejected) {
  GroupPicker picker(group, 0);
  at(1).set_health(down);
  EXPECT_EQ(picks(picker, 0, 10), (Counts{{2, 10}}));
  at(1).set_health(up);
  at(2).set_draining(true);
  EXPECT_EQ(picks(picker, 0, 10), (Counts{{1, 10}}));
  for (int i = 0; i < 5; ++i) group.outlier().failed(at(3), now);
  EXPECT_EQ(picks(picker, 1, 10), (Counts{{4, 10}}));
}

TEST_F(TwoRegions, follow_weights_changed_at_run_time) {
  GroupPicker picker(group, 0);
  picks(picker, 0, 7);
  at(1).override_weight(64);
  const Counts counts = picks(picker, 0, 192);
  EXPECT_NEAR(counts.at(1), 64, 1);
  EXPECT_NEAR(counts.at(2), 128, 1);
}

TEST_F(TwoRegions, try_another_one_after_a_failure) {
  GroupPicker picker(group, 0);
  EXPECT_EQ(picks(picker, 0, 10, &at(1)), (Counts{{2, 10}}));
}

TEST_F(TwoRegions, try_the_next_region_when_the_failed_one_was_the_last_of_its_own) {
  GroupPicker picker(group, 0);
  at(2).set_health(down);
  EXPECT_EQ(picks(picker, 0, 10, &at(1)), (Counts{{3, 5}, {4, 5}}));
}

TEST_F(TwoRegions, try_the_failed_one_again_when_there_is_no_other) {
  GroupPicker picker(group, 0);
  for (const std::size_t other : {2, 3, 4}) at(other).set_health(down);
  const Picked picked = picker.pick(0, now, &at(1));
  EXPECT_EQ(picked.endpoint, &at(1));
  EXPECT_FALSE(picked.failed_open);
}

TEST_F(TwoRegions, fail_open_in_turn_when_all_are_unhealthy) {
  GroupPicker picker(group, 0);
  for (const std::size_t number : {1, 2, 3, 4}) at(number).set_health(down);
  EXPECT_TRUE(picker.pick(0, now).failed_open);
  EXPECT_EQ(picks(picker, 0, 9), (Counts{{1, 4}, {2, 5}}));
  EXPECT_EQ(picks(picker, any_region, 8), (Counts{{1, 2}, {2, 2}, {3, 2}, {4, 2}}));
  EXPECT_EQ(picks(picker, 0, 4, &at(1)), (Counts{{2, 4}}));
}

TEST_F(TwoRegions, do_not_fail_open_onto_what_is_draining_or_has_no_weight) {
  GroupPicker picker(group, 0);
  for (const std::size_t number : {1, 2, 3, 4}) at(number).set_health(down);
  at(1).set_draining(true);
  EXPECT_EQ(picks(picker, 0, 4), (Counts{{2, 4}}));
  at(1).set_draining(false);
  at(1).override_weight(0);
  EXPECT_EQ(picks(picker, 0, 4), (Counts{{2, 4}}));
  at(2).override_weight(0);
  EXPECT_EQ(picks(picker, 0, 4), (Counts{{1, 2}, {2, 2}})) << "no weight anywhere: equal parts";
}

TEST_F(TwoRegions, leave_a_region_whose_endpoints_are_all_draining) {
  GroupPicker picker(group, 0);
  at(1).set_draining(true);
  at(2).set_draining(true);
  EXPECT_EQ(group.standing(0, now), Standing::absent);
  EXPECT_EQ(picks(picker, 0, 10), (Counts{{3, 5}, {4, 5}}));
  at(3).set_health(down);
  at(4).set_health(down);
  EXPECT_EQ(picks(picker, 0, 10), (Counts{{3, 5}, {4, 5}}));
  at(3).set_draining(true);
  at(4).set_draining(true);
  EXPECT_EQ(picker.pick(0, now).endpoint, nullptr);
}

TEST_F(TwoRegions, stand_as_their_endpoints_do) {
  EXPECT_EQ(group.standing(0, now), Standing::healthy);
  at(1).set_health(down);
  EXPECT_TRUE(group.eligible(0, now));
  at(2).override_weight(0);
  EXPECT_EQ(group.standing(0, now), Standing::unhealthy) << "no healthy endpoint with a weight above 0";
  EXPECT_TRUE(group.usable(now));
}

TEST_F(TwoRegions, are_steered_by_dial_and_health) {
  EXPECT_EQ(steer().region, 0);
  EXPECT_EQ(steer().reason, Reason::nearest);
  north->turn(0);
  EXPECT_EQ(steer().region, 1);
  EXPECT_EQ(steer().reason, Reason::dial_spill);
  north->turn(100);
  south->turn(0);
  at(1).set_health(down);
  at(2).set_health(down);
  EXPECT_EQ(steer().region, 1);
  EXPECT_EQ(steer().reason, Reason::failover);
  at(3).set_health(down);
  at(4).set_health(down);
  EXPECT_EQ(steer().region, 0);
  EXPECT_EQ(steer().reason, Reason::fail_open);
}

TEST_F(TwoRegions, let_workers_start_at_different_endpoints) {
  GroupPicker first(group, 0);
  GroupPicker second(group, 1);
  EXPECT_EQ(first.pick(0, now).endpoint, &at(1));
  EXPECT_EQ(second.pick(0, now).endpoint, &at(2));
}

struct SixthVector : TwoRegions {
  SixthVector() : TwoRegions({128, 0, 128, 128}) {}
};

TEST_F(SixthVector, gives_everything_to_the_endpoint_with_weight) {
  GroupPicker picker(group, 0);
  EXPECT_EQ(picks(picker, 0, 1000), (Counts{{1, 1000}}));
}

TEST(Group, is_one_region_when_none_are_configured) {
  EndpointRegistry registry;
  const Group group(TwoRegions::config_of({1, 1, 1}), {}, registry);
  EXPECT_EQ(group.regions(), 1u);
  EXPECT_EQ(group.endpoints(0).size(), 3u);
  GroupPicker picker(group, 0);
  EXPECT_NE(picker.pick(0, now).endpoint, nullptr);
  EXPECT_EQ(group.choose_region({}, now, ~std::uint64_t{0}).region, 0);
}

TEST(Group, puts_endpoints_without_a_region_into_the_first) {
  EndpointRegistry registry;
  config::TargetGroup config;
  config.endpoints.push_back(endpoint(1, ""));
  const std::vector<config::Region> regions{{"north", 100, {}}, {"south", 100, {}}};
  const Group group(config, regions, registry);
  EXPECT_EQ(group.endpoints(0).size(), 1u);
  EXPECT_EQ(group.endpoints()[0]->region(), "north");
  EXPECT_EQ(group.standing(1, now), Standing::absent);
}

TEST(Group, has_nothing_to_pick_without_endpoints) {
  EndpointRegistry registry;
  const Group group(config::TargetGroup{}, {}, registry);
  GroupPicker picker(group, 3);
  EXPECT_EQ(picker.pick(0, now).endpoint, nullptr);
  EXPECT_EQ(group.choose_region({}, now, 0).region, region::no_region);
}

TEST_F(TwoRegions, serve_connections_through_the_outage_of_a_region) {
  GroupPicker picker(group, 0);
  south->turn(0);
  std::mt19937_64 random(5);
  Counts counts;
  for (int i = 0; i < 1000; ++i) {
    if (i == 500) at(1).set_health(down), at(2).set_health(down);
    const region::Choice choice = steer(random());
    const Picked picked = picker.pick(choice.region, now);
    ASSERT_FALSE(picked.failed_open);
    ++counts[picked.endpoint->port()];
  }
  EXPECT_EQ(counts, (Counts{{1, 250}, {2, 250}, {3, 250}, {4, 250}}));
}

}  // namespace
}  // namespace gatehouse::upstream
