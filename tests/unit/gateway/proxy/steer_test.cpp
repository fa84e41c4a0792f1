// Step 5: target group and region, with a worker whose random numbers are always the same.
#include <algorithm>

#include "tests/unit/gateway/proxy/asking.hpp"

namespace gatehouse::proxy {
namespace {

std::string group(const std::string& name, const std::string& endpoints) {
  return "  - name: " + name + "\n    health_check: { enabled: false }\n    endpoints: [ " + endpoints + " ]\n";
}

/// How many requests reached each origin connection, in the order of the connections.
std::vector<std::size_t> requests(Client& client) {
  std::vector<std::size_t> counts;
  for (const session::Link& link : client.world().origins) counts.push_back(session::read_requests(link.from_gateway).all.size());
  return counts;
}

std::uint32_t connections(session::Setup& setup, const std::string& group, const std::string& address) {
  return setup.endpoints().find(group, address)->open_connections();
}

TEST(Steer, shares_requests_between_groups_by_their_weights) {
  session::Setup setup(configuration(
      "    default_actions: [ { forward: { target_groups: [ { name: a, weight: 3 }, { name: b, weight: 1 }, { name: c, weight: 0 } ] } } ]\n",
      group("a", "{ address: \"127.0.0.1:1\" }") + group("b", "{ address: \"127.0.0.1:2\" }") + group("c", "{ address: \"127.0.0.1:3\" }")));
  Client client(setup);
  for (int i = 0; i < 800; ++i) client.get();
  EXPECT_EQ(connections(setup, "a", "127.0.0.1:1"), 1u) << "one connection each, used again";
  EXPECT_EQ(connections(setup, "b", "127.0.0.1:2"), 1u);
  EXPECT_EQ(connections(setup, "c", "127.0.0.1:3"), 0u) << "a weight of 0 gets nothing";
  const std::vector<std::size_t> counts = requests(client);
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0] + counts[1], 800u);
  EXPECT_NEAR(static_cast<double>(std::max(counts[0], counts[1])), 600, 61) << "five standard deviations";
}

TEST(Steer, serves_the_first_group_when_all_weights_are_zero) {
  session::Setup setup(configuration("    default_actions: [ { forward: { target_groups: [ { name: a, weight: 0 }, { name: b, weight: 0 } ] } } ]\n",
                                     group("a", "{ address: \"127.0.0.1:1\" }") + group("b", "{ address: \"127.0.0.1:2\" }")));
  Client client(setup);
  for (int i = 0; i < 10; ++i) client.get();
  EXPECT_EQ(client.world().origins.size(), 1u);
  EXPECT_EQ(connections(setup, "a", "127.0.0.1:1"), 1u);
}

const char* const near_and_far = "{ address: \"127.0.0.1:1\", region: near }, { address: \"127.0.0.1:2\", region: far }";

session::Setup make_regions(int near, int far) {
  const std::string dials = "regions: [ { name: near, traffic_dial: " + std::to_string(near) + " }, { name: far, traffic_dial: " + std::to_string(far) + " } ]\n";
  return session::Setup(configuration(to_web, group("web", near_and_far), dials));
}

TEST(Steer, a_connection_stays_in_the_region_it_drew) {
  session::Setup setup = make_regions(50, 100);
  int first = 0;
  for (int connection = 0; connection < 40; ++connection) {
    Client client(setup);
    for (int i = 0; i < connection; ++i) client.world().worker().random().next();  // another draw for each
    for (int i = 0; i < 20; ++i) client.get();
    EXPECT_EQ(client.world().origins.size(), 1u) << "all requests went to one region";
    first += connections(setup, "web", "127.0.0.1:1") == 1;
  }
  EXPECT_GT(first, 8) << "both regions were drawn";
  EXPECT_LT(first, 32);
}

TEST(Steer, leaves_a_region_that_has_no_healthy_endpoint_any_more_and_stays_where_it_went) {
  session::Setup setup = make_regions(100, 0);
  upstream::EndpointState* const near = setup.endpoints().find("web", "127.0.0.1:1");
  Client client(setup);
  client.get();
  EXPECT_EQ(near->open_connections(), 1u);
  near->set_health({upstream::Health::unhealthy, upstream::HealthReason::timeout, 0});
  client.get();
  EXPECT_EQ(connections(setup, "web", "127.0.0.1:2"), 1u) << "whatever the far one's dial";
  near->set_health({upstream::Health::healthy, upstream::HealthReason::none, 200});
  for (int i = 0; i < 5; ++i) client.get();
  EXPECT_EQ(requests(client), (std::vector<std::size_t>{1, 6})) << "it does not come back by itself";
}

TEST(Steer, serves_without_a_region_when_the_configuration_has_none) {
  session::Setup setup(configuration(to_web));
  Client client(setup);
  client.get();
  EXPECT_EQ(connections(setup, "web", "127.0.0.1:9001"), 1u);
}

}  // namespace
}  // namespace gatehouse::proxy
