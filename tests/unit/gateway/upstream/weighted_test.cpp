#include "gateway/upstream/weighted.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>

namespace gatehouse::upstream {
namespace {

using Weights = std::vector<std::uint32_t>;

std::size_t pick(Rotation& rotation, const Weights& weights) {
  return rotation.pick([&](std::size_t i) noexcept { return weights[i]; });
}

std::string picks(Rotation& rotation, const Weights& weights, int count) {
  std::string order;
  for (int i = 0; i < count; ++i) {
    const std::size_t at = pick(rotation, weights);
    order += at == no_candidate ? '-' : static_cast<char>('a' + at);
  }
  return order;
}

std::vector<int> shares(Rotation& rotation, const Weights& weights, int count) {
  std::vector<int> counts(weights.size());
  for (int i = 0; i < count; ++i) ++counts.at(pick(rotation, weights));
  return counts;
}

TEST(Rotation, spreads_the_heavy_one_smoothly) {
  Rotation rotation(3);
  EXPECT_EQ(picks(rotation, {5, 1, 1}, 14), "aabacaaaabacaa");
}

TEST(Rotation, takes_equal_ones_in_turn) {
  Rotation rotation(3);
  EXPECT_EQ(picks(rotation, {128, 128, 128}, 7), "abcabca");
}

TEST(Rotation, gives_exact_shares_over_a_full_cycle) {
  const Weights weights{255, 1, 128, 77};
  Rotation rotation(4);
  EXPECT_EQ(shares(rotation, weights, 461), (std::vector<int>{255, 1, 128, 77}));
  EXPECT_EQ(shares(rotation, weights, 461), (std::vector<int>{255, 1, 128, 77}));
}

TEST(Rotation, never_gives_a_turn_to_weight_zero) {
  Rotation rotation(3);
  EXPECT_EQ(picks(rotation, {128, 0, 0}, 5), "aaaaa");
  EXPECT_EQ(picks(rotation, {0, 0, 0}, 2), "--");
  EXPECT_EQ(picks(rotation, {0, 0, 9}, 3), "ccc");
}

TEST(Rotation, has_no_turn_to_give_without_candidates) {
  Rotation rotation(0);
  EXPECT_EQ(picks(rotation, {}, 2), "--");
}

TEST(Rotation, starts_elsewhere_for_each_worker) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Rotation rotation(3, seed);
    EXPECT_EQ(pick(rotation, {1, 1, 1}), seed);
  }
}

TEST(Rotation, does_the_same_again_from_the_same_start) {
  Rotation one(5, 77);
  Rotation other(5, 77);
  const Weights weights{3, 9, 27, 81, 243};
  EXPECT_EQ(picks(one, weights, 500), picks(other, weights, 500));
}

TEST(Rotation, shares_exactly_again_soon_after_weights_change) {
  Rotation rotation(3);
  shares(rotation, {255, 255, 255}, 1001);
  const auto after = shares(rotation, {1, 255, 255}, 511);
  EXPECT_NEAR(after[0], 1, 1);
  EXPECT_NEAR(after[1], 255, 2);
  EXPECT_NEAR(after[2], 255, 2);
}

TEST(Rotation, neither_starves_nor_floods_one_that_comes_back) {
  Rotation rotation(2);
  shares(rotation, {255, 1}, 300);
  shares(rotation, {0, 1}, 300);
  EXPECT_EQ(picks(rotation, {1, 1}, 6).find("aaa"), std::string::npos);
  EXPECT_EQ(picks(rotation, {1, 1}, 6).find("bbb"), std::string::npos);
}

TEST(Rotation, stays_fair_while_one_comes_and_goes) {
  Rotation rotation(3);
  std::vector<int> counts(3);
  for (int i = 0; i < 6000; ++i) {
    const bool third = i % 10 < 5;
    ++counts.at(pick(rotation, {10, 10, third ? 10u : 0u}));
  }
  // A third each in one half of the time, a half each in the other.
  EXPECT_NEAR(counts[0], 2500, 260);
  EXPECT_NEAR(counts[1], 2500, 260);
  EXPECT_NEAR(counts[2], 1000, 260);
}

TEST(Rotation, gives_a_failed_turn_to_the_others_evenly) {
  Rotation rotation(3);
  const Weights weights{1, 1, 1};
  const auto weight_of = [&](std::size_t i) noexcept { return weights[i]; };
  std::vector<int> served(3);
  for (int i = 0; i < 3000; ++i) {
    std::size_t at = rotation.pick(weight_of);
    if (at == 0) at = rotation.pick_beside(0, weight_of);  // the first always fails
    ++served.at(at);
  }
  EXPECT_EQ(served[0], 0);
  EXPECT_NEAR(served[1], 1500, 30);
  EXPECT_NEAR(served[2], 1500, 30);
}

TEST(Rotation, has_nobody_beside_the_only_one) {
  Rotation rotation(2);
  const Weights weights{4, 0};
  const auto weight_of = [&](std::size_t i) noexcept { return weights[i]; };
  EXPECT_EQ(rotation.pick_beside(0, weight_of), no_candidate);
  EXPECT_EQ(rotation.pick_beside(1, weight_of), 0u);
}

TEST(DrawWeighted, follows_the_weights) {
  const std::array<std::uint16_t, 3> weights{8, 2, 0};
  std::mt19937_64 random(11);
  std::array<int, 3> counts{};
  constexpr int draws = 100'000;
  for (int i = 0; i < draws; ++i) ++counts.at(draw_weighted(weights, random()));
  EXPECT_NEAR(counts[0], draws * 0.8, 5 * std::sqrt(draws * 0.8 * 0.2));
  EXPECT_EQ(counts[2], 0);
}

TEST(DrawWeighted, reaches_the_first_and_the_last) {
  const std::array<std::uint16_t, 3> weights{999, 0, 1};
  EXPECT_EQ(draw_weighted(weights, 0), 0u);
  EXPECT_EQ(draw_weighted(weights, ~std::uint64_t{0}), 2u);
}

TEST(DrawWeighted, chooses_nobody_when_all_weights_are_zero) {
  const std::array<std::uint16_t, 2> weights{0, 0};
  EXPECT_EQ(draw_weighted(weights, 5), no_candidate);
  EXPECT_EQ(draw_weighted({}, 5), no_candidate);
}

}  // namespace
}  // namespace gatehouse::upstream
