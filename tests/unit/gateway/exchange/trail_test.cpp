#include "gateway/exchange/trail.hpp"

#include <gtest/gtest.h>

namespace gatehouse::exchange {
namespace {

TEST(Trail, keeps_decisions_in_order_with_the_time_since_the_exchange_began) {
  Trail trail;
  trail.begin(1'000'000);
  trail.note(1'000'250, Decision::head_read, 120);
  trail.note(1'002'000, Decision::rule_matched, 10, 0, 2);
  ASSERT_EQ(trail.events().size(), 2u);
  EXPECT_EQ(trail.events()[0].what, Decision::head_read);
  EXPECT_EQ(trail.events()[0].after, 2u) << "in units of 125 ns";
  EXPECT_EQ(trail.events()[0].value, 120u);
  EXPECT_EQ(trail.events()[1].after, 16u);
  EXPECT_EQ(trail.events()[1].b, 2u);
  EXPECT_EQ(trail.last_ns(), 1'002'000u);
  EXPECT_EQ(trail.began_ns(), 1'000'000u);
}

TEST(Trail, counts_what_it_has_no_room_for) {
  Trail trail;
  trail.begin(0);
  for (std::size_t i = 0; i < Trail::events_max + 5; ++i) trail.note(i * 1000, Decision::interim_relayed, 103);
  EXPECT_EQ(trail.events().size(), Trail::events_max);
  EXPECT_EQ(trail.lost(), 5u);
  EXPECT_EQ(trail.last_ns(), (Trail::events_max + 4) * 1000) << "time goes on";
  EXPECT_NE(trail.text().find("(5 more events)"), std::string::npos);
}

TEST(Trail, begins_anew) {
  Trail trail;
  trail.begin(0);
  for (std::size_t i = 0; i < Trail::events_max + 5; ++i) trail.note(i, Decision::interim_relayed);
  trail.begin(500);
  EXPECT_TRUE(trail.events().empty());
  EXPECT_EQ(trail.lost(), 0u);
  EXPECT_EQ(trail.last_ns(), 500u);
}

TEST(Trail, names_the_fault_of_a_failure_in_its_text) {
  Trail trail;
  trail.begin(0);
  trail.note(2'000, Decision::failed, 504, static_cast<std::uint8_t>(Errc::origin_timeout), static_cast<std::uint16_t>(Side::origin));
  EXPECT_EQ(trail.text(), "+2 us failed origin_timeout b=1 value=504\n");
}

TEST(Trail, has_a_name_for_every_decision) {
  for (int i = 0; i <= static_cast<int>(Decision::finished); ++i) EXPECT_NE(decision_name(static_cast<Decision>(i)), "unknown") << i;
}

}  // namespace
}  // namespace gatehouse::exchange
