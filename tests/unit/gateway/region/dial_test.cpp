#include "gateway/region/dial.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace gatehouse::region {
namespace {

constexpr Standing ok = Standing::healthy;
constexpr Standing bad = Standing::unhealthy;
constexpr Standing absent = Standing::absent;
constexpr std::uint64_t lowest = 0;
constexpr std::uint64_t highest = ~std::uint64_t{0};

struct Tally {
  std::array<int, 8> by_region{};
  std::array<int, reasons> by_reason{};
};

Tally draw_many(const std::vector<Candidate>& regions, int draws) {
  std::mt19937_64 random(2026);
  Tally tally;
  for (int i = 0; i < draws; ++i) {
    const Choice choice = choose_region(regions, random());
    ++tally.by_region.at(choice.region);
    ++tally.by_reason.at(static_cast<unsigned>(choice.reason));
  }
  return tally;
}

/// Five standard deviations of a binomial count: a false alarm once in two million runs, and the seed is fixed.
double bound(int draws, double share) { return 5 * std::sqrt(draws * share * (1 - share)) + 1e-9; }

void expect_shares(const std::vector<Candidate>& regions, const std::vector<double>& shares) {
  constexpr int draws = 100'000;
  const Tally tally = draw_many(regions, draws);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    EXPECT_NEAR(tally.by_region[i], draws * shares[i], bound(draws, shares[i])) << "region " << i;
  }
}

void expect_always(const std::vector<Candidate>& regions, std::uint16_t region, Reason reason) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t number = i == 0 ? lowest : i == 1 ? highest : random();
    const Choice choice = choose_region(regions, number);
    ASSERT_EQ(choice.region, region) << number;
    ASSERT_EQ(choice.reason, reason) << number;
  }
}

// The vectors of the steering facts: dials and health of (near, far), a thousand connections from near.

TEST(DialVectors, one_an_active_region_serves_everything) { expect_always({{100, ok}, {0, ok}}, 0, Reason::nearest); }

TEST(DialVectors, two_a_standby_at_dial_zero_takes_over_from_a_failed_region) {
  expect_always({{100, bad}, {0, ok}}, 1, Reason::failover);
}

TEST(DialVectors, three_a_dial_of_thirty_keeps_three_tenths) {
  const Tally tally = draw_many({{30, ok}, {100, ok}}, 1000);
  EXPECT_NEAR(tally.by_region[0], 300, 5 * 14.5);
  EXPECT_EQ(tally.by_reason[static_cast<unsigned>(Reason::dial_spill)], tally.by_region[1]);
  EXPECT_EQ(tally.by_reason[static_cast<unsigned>(Reason::nearest)], tally.by_region[0]);
}

TEST(DialVectors, four_all_dials_at_zero_are_served_by_the_nearest) {
  expect_always({{0, ok}, {0, ok}}, 0, Reason::nearest);
}

TEST(DialVectors, five_the_nearest_fails_open_when_nobody_is_healthy) {
  expect_always({{100, bad}, {100, bad}}, 0, Reason::fail_open);
}

TEST(DialVectors, seven_a_dial_turned_to_zero_sends_new_connections_on) {
  expect_always({{100, ok}, {100, ok}}, 0, Reason::nearest);
  expect_always({{0, ok}, {100, ok}}, 1, Reason::dial_spill);
}

// The worked cases.

TEST(DialCases, a_single_region_serves_everything_whatever_its_dial) {
  expect_always({{50, ok}}, 0, Reason::nearest);
  expect_always({{0, ok}}, 0, Reason::nearest);
}

TEST(DialCases, a_standby_receives_nothing_while_the_active_one_is_healthy) {
  expect_shares({{100, ok}, {0, ok}}, {1, 0});
}

TEST(DialCases, two_coasts_at_fifty_end_equal) {
  constexpr int draws = 100'000;
  const Tally east = draw_many({{50, ok}, {50, ok}}, draws);
  const Tally west = draw_many({{50, ok}, {50, ok}}, draws);
  const int served_east = east.by_region[0] + west.by_region[1];
  EXPECT_NEAR(served_east, draws, bound(2 * draws, 0.5));
  // d1 + (1-d1)(1-d2) stays: half at the draw, a quarter because both turned it away.
  EXPECT_NEAR(east.by_region[0], draws * 0.75, bound(draws, 0.75));
}

TEST(DialCases, near_at_thirty_and_far_at_full_share_the_near_clients) {
  expect_shares({{30, ok}, {100, ok}}, {0.3, 0.7});
  expect_shares({{100, ok}, {30, ok}}, {1, 0});  // the far region's own clients
}

TEST(DialCases, dials_are_ignored_in_failover) { expect_always({{100, bad}, {0, ok}}, 1, Reason::failover); }

// Beyond the documents' own examples.

TEST(Dial, cascades_to_the_third_region) {
  // 0.5, 0.5*0.2, 0.5*0.8*1
  expect_shares({{50, ok}, {20, ok}, {100, ok}}, {0.5, 0.1, 0.4});
}

TEST(Dial, gives_the_remainder_to_the_nearest_with_a_dial_above_zero) {
  // Nothing at the first; a tenth and then the remainder at the second; 0.9*0.5 at the third.
  expect_shares({{0, ok}, {10, ok}, {50, ok}}, {0, 0.55, 0.45});
}

TEST(Dial, fails_over_ignoring_dials_only_what_was_meant_for_the_failed_region) {
  // The near region's half fails over to the second, the nearest healthy one, although its dial is 0.
  expect_shares({{50, bad}, {0, ok}, {100, ok}}, {0, 0.5, 0.5});
}

TEST(Dial, gives_the_remainder_to_a_healthy_region) { expect_always({{0, bad}, {50, ok}}, 1, Reason::dial_spill); }

TEST(Dial, fails_over_when_only_a_dial_of_zero_is_healthy_and_none_has_more) {
  expect_always({{0, bad}, {0, ok}}, 1, Reason::failover);
}

TEST(Dial, tries_the_three_nearest_only) {
  expect_always({{100, bad}, {100, bad}, {0, ok}, {100, ok}}, 2, Reason::failover);
  expect_always({{100, bad}, {100, bad}, {100, bad}, {100, ok}}, 0, Reason::fail_open);
}

TEST(Dial, passes_over_regions_without_endpoints) {
  expect_always({{100, absent}, {100, ok}}, 1, Reason::nearest);
  expect_always({{100, absent}, {100, bad}, {100, absent}, {0, ok}}, 3, Reason::failover);
  expect_always({{100, bad}, {100, absent}, {100, bad}, {100, absent}, {100, ok}}, 4, Reason::failover);
  expect_always({{100, absent}, {100, bad}}, 1, Reason::fail_open);
}

TEST(Dial, has_no_answer_when_no_region_has_endpoints) {
  expect_always({}, no_region, Reason::nearest);
  expect_always({{100, absent}, {0, absent}}, no_region, Reason::nearest);
}

TEST(Dial, is_exact_at_its_ends) {
  EXPECT_EQ(choose_region(std::vector<Candidate>{{0.0001, ok}, {100, ok}}, lowest).region, 0);
  EXPECT_EQ(choose_region(std::vector<Candidate>{{0, ok}, {100, ok}}, lowest).region, 1);
  EXPECT_EQ(choose_region(std::vector<Candidate>{{99.9999, ok}, {100, ok}}, highest).region, 1);
  EXPECT_EQ(choose_region(std::vector<Candidate>{{100, ok}, {100, ok}}, highest).region, 0);
}

TEST(Dial, asks_only_about_the_regions_it_comes_to) {
  std::size_t asked = 0;
  const auto at = [&](std::size_t) {
    ++asked;
    return Candidate{100, ok};
  };
  EXPECT_EQ(choose_region(8, at, highest).region, 0);
  EXPECT_EQ(asked, 1u);
}

TEST(Dial, names_its_reasons) {
  EXPECT_EQ(reason_name(Reason::nearest), "NEAREST");
  EXPECT_EQ(reason_name(Reason::dial_spill), "DIAL_SPILL");
  EXPECT_EQ(reason_name(Reason::failover), "FAILOVER");
  EXPECT_EQ(reason_name(Reason::fail_open), "FAIL_OPEN");
}

}  // namespace
}  // namespace gatehouse::region
