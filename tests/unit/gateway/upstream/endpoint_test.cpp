#include "gateway/upstream/endpoint.hpp"

#include <gtest/gtest.h>

#include "gateway/upstream/group.hpp"

namespace gatehouse::upstream {
namespace {

constexpr std::uint64_t now = 1'000'000;

EndpointIdentity identity(std::string address) { return EndpointIdentity{"web", std::move(address), "north", "a"}; }

config::TargetGroup group_of(std::vector<std::pair<std::string, std::uint32_t>> endpoints) {
  config::TargetGroup group;
  group.name = "web";
  for (auto& [address, weight] : endpoints) {
    config::Endpoint endpoint;
    endpoint.address = address;
    endpoint.weight = weight;
    group.endpoints.push_back(endpoint);
  }
  return group;
}

TEST(EndpointState, is_usable_from_the_start_when_its_address_is_numeric) {
  EndpointState endpoint(3, identity("127.0.0.1:9001"), 128);
  EXPECT_TRUE(endpoint.usable(now));
  EXPECT_EQ(endpoint.id(), 3u);
  EXPECT_EQ(endpoint.host(), "127.0.0.1");
  EXPECT_EQ(endpoint.port(), 9001);
  EXPECT_FALSE(endpoint.named());
  EXPECT_EQ(endpoint.pick_address(), *net::Address::parse("127.0.0.1:9001"));
  EXPECT_EQ(endpoint.health(), Health::initial);
}

TEST(EndpointState, waits_for_the_addresses_of_its_name) {
  EndpointState endpoint(0, identity("web.internal:80"), 128);
  EXPECT_TRUE(endpoint.named());
  EXPECT_FALSE(endpoint.usable(now));
  EXPECT_FALSE(endpoint.pick_address());
  const std::vector<net::Address> two{*net::Address::parse("10.0.0.1:80"), *net::Address::parse("10.0.0.2:80")};
  endpoint.set_addresses(two);
  EXPECT_TRUE(endpoint.usable(now));
  const net::Address first = endpoint.pick_address();
  EXPECT_NE(first, endpoint.pick_address());
  EXPECT_EQ(first, endpoint.pick_address());
  endpoint.set_addresses({});
  EXPECT_TRUE(endpoint.usable(now)) << "the last addresses stay";
}

TEST(EndpointState, takes_no_traffic_while_anything_speaks_against_it) {
  EndpointState endpoint(0, identity("[::1]:80"), 77);
  endpoint.set_health({Health::unhealthy, HealthReason::timeout, 0});
  EXPECT_FALSE(endpoint.usable(now));
  endpoint.set_health({Health::healthy, HealthReason::none, 204});
  EXPECT_TRUE(endpoint.usable(now));
  endpoint.set_draining(true);
  EXPECT_FALSE(endpoint.usable(now));
  EXPECT_FALSE(endpoint.registered());
  EXPECT_EQ(endpoint.weight(), 77u);
  endpoint.set_draining(false);
  endpoint.override_weight(0);
  EXPECT_FALSE(endpoint.usable(now));
  EXPECT_TRUE(endpoint.registered());
  endpoint.reset_weight();
  EXPECT_EQ(endpoint.serving_weight(), 77u);
}

TEST(EndpointState, publishes_health_with_reason_and_status) {
  EndpointState endpoint(0, identity("127.0.0.1:1"), 1);
  endpoint.set_health({Health::unhealthy, HealthReason::response_code_mismatch, 503});
  EXPECT_EQ(endpoint.health_report().health, Health::unhealthy);
  EXPECT_EQ(endpoint.health_report().reason, HealthReason::response_code_mismatch);
  EXPECT_EQ(endpoint.health_report().status, 503);
}

TEST(EndpointState, counts_what_is_under_way) {
  EndpointState endpoint(0, identity("127.0.0.1:1"), 1);
  {
    const ActiveRequest one(endpoint);
    const ActiveRequest two(endpoint);
    const OpenConnection connection(endpoint);
    EXPECT_EQ(endpoint.active_requests(), 2u);
    EXPECT_EQ(endpoint.open_connections(), 1u);
  }
  EXPECT_EQ(endpoint.active_requests(), 0u);
  EXPECT_EQ(endpoint.open_connections(), 0u);
}

struct Registry : testing::Test {
  Group load(std::vector<std::pair<std::string, std::uint32_t>> endpoints, std::uint64_t at = now) {
    Group group(group_of(std::move(endpoints)), {}, registry);
    const Group* all[] = {&group};
    registry.put_in_force(all, at);
    return group;
  }
  EndpointRegistry registry;
};

TEST_F(Registry, gives_the_same_endpoint_to_the_next_configuration) {
  const Group before = load({{"127.0.0.1:1", 128}, {"127.0.0.1:2", 128}});
  const Group after = load({{"127.0.0.1:2", 64}});
  EXPECT_EQ(before.endpoints()[1], after.endpoints()[0]);
  EXPECT_EQ(after.endpoints()[0]->weight(), 64u);
  EXPECT_EQ(registry.find("web", "127.0.0.1:2"), after.endpoints()[0]);
  EXPECT_EQ(registry.find("web", "127.0.0.1:1"), nullptr);
  EXPECT_EQ(registry.find("api", "127.0.0.1:2"), nullptr);
}

TEST_F(Registry, keeps_a_run_time_weight_over_a_reload_and_shows_it) {
  const Group before = load({{"127.0.0.1:1", 128}});
  EndpointState& endpoint = *before.endpoints()[0];
  endpoint.override_weight(7);
  const Group after = load({{"127.0.0.1:1", 200}});
  EXPECT_EQ(endpoint.weight(), 7u);
  EXPECT_TRUE(endpoint.weight_overridden());
  EXPECT_EQ(endpoint.configured_weight(), 200u);
  endpoint.reset_weight();
  EXPECT_EQ(endpoint.weight(), 200u);
}

TEST_F(Registry, changes_nothing_for_a_configuration_that_is_refused) {
  const Group before = load({{"127.0.0.1:1", 128}});
  { const Group refused(group_of({{"127.0.0.1:1", 0}, {"127.0.0.1:2", 1}}), {}, registry); }
  EXPECT_EQ(before.endpoints()[0]->weight(), 128u);
  EXPECT_EQ(registry.find("web", "127.0.0.1:2"), nullptr);
}

TEST_F(Registry, undoes_run_time_changes_of_an_endpoint_that_leaves) {
  const Group before = load({{"127.0.0.1:1", 128}, {"127.0.0.1:2", 128}});
  before.endpoints()[0]->override_weight(0);
  before.endpoints()[0]->set_draining(true);
  const Group without = load({{"127.0.0.1:2", 128}});
  const Group again = load({{"127.0.0.1:1", 128}, {"127.0.0.1:2", 128}});
  EXPECT_TRUE(again.endpoints()[0]->usable(now));
  EXPECT_FALSE(again.endpoints()[0]->weight_overridden());
}

TEST_F(Registry, gives_an_id_again_only_when_nobody_can_mean_the_old_one) {
  const auto later = [](std::uint64_t from) { return from + EndpointRegistry::quarantine.count(); };
  auto old = std::make_unique<Group>(load({{"127.0.0.1:1", 1}, {"127.0.0.1:2", 1}}));
  auto connection = std::make_unique<OpenConnection>(*old->endpoints()[0]);
  const Group kept = load({{"127.0.0.1:2", 1}}, now);
  EXPECT_EQ(registry.collect(later(now)), 0u) << "the old configuration still lives";
  old.reset();
  EXPECT_EQ(registry.collect(later(later(now))), 0u) << "a pooled connection is open";
  connection.reset();
  const std::uint64_t free = later(later(now));
  EXPECT_EQ(registry.collect(free + 1000), 0u) << "not long enough";
  EXPECT_EQ(registry.collect(later(free + 1000)), 1u);
  EXPECT_EQ(registry.size(), 1u);
  const Group next = load({{"127.0.0.1:2", 1}, {"127.0.0.1:3", 1}});
  EXPECT_EQ(next.endpoints()[1]->id(), 0u);
}

TEST_F(Registry, makes_another_endpoint_when_the_region_changes) {
  const std::vector<config::Region> regions{{"north", 100, {}}, {"south", 100, {}}};
  config::TargetGroup config = group_of({{"127.0.0.1:1", 1}});
  config.endpoints[0].region = "north";
  const Group before(config, regions, registry);
  config.endpoints[0].region = "south";
  const Group after(config, regions, registry);
  EXPECT_NE(before.endpoints()[0], after.endpoints()[0]);
  EXPECT_NE(before.endpoints()[0]->id(), after.endpoints()[0]->id());
  EXPECT_EQ(after.endpoints()[0]->region(), "south");
}

}  // namespace
}  // namespace gatehouse::upstream
