#include "gateway/region/region_state.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::region {
namespace {

using Dials = std::vector<NamedDial>;

TEST(RegionRegistry, puts_the_configured_dials_in_force) {
  RegionRegistry registry;
  RegionState& north = registry.obtain("north");
  EXPECT_EQ(north.dial(), 100);
  registry.put_in_force(Dials{{"north", 30}, {"south", 0}});
  EXPECT_EQ(north.dial(), 30);
  ASSERT_NE(registry.find("south"), nullptr);
  EXPECT_EQ(registry.find("south")->dial(), 0);
  EXPECT_EQ(registry.find("west"), nullptr);
  EXPECT_EQ(&registry.obtain("north"), &north);
}

TEST(RegionRegistry, keeps_a_dial_turned_at_run_time_over_a_reload) {
  RegionRegistry registry;
  RegionState& north = registry.obtain("north");
  registry.put_in_force(Dials{{"north", 100}});
  north.turn(5);
  EXPECT_TRUE(north.overridden());
  registry.put_in_force(Dials{{"north", 60}});
  EXPECT_EQ(north.dial(), 5);
  EXPECT_EQ(north.configured_dial(), 60);
  north.reset();
  EXPECT_EQ(north.dial(), 60);
  EXPECT_FALSE(north.overridden());
}

TEST(RegionRegistry, forgets_the_run_time_dial_of_a_region_that_leaves) {
  RegionRegistry registry;
  registry.put_in_force(Dials{{"north", 100}, {"south", 100}});
  registry.find("north")->turn(0);
  registry.put_in_force(Dials{{"south", 100}});
  registry.put_in_force(Dials{{"north", 80}, {"south", 100}});
  EXPECT_EQ(registry.find("north")->dial(), 80);
  EXPECT_FALSE(registry.find("north")->overridden());
}

TEST(RegionState, keeps_dials_within_bounds) {
  RegionState state("north");
  state.turn(150);
  EXPECT_EQ(state.dial(), 100);
  state.turn(-1);
  EXPECT_EQ(state.dial(), 0);
}

}  // namespace
}  // namespace gatehouse::region
