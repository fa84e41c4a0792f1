#include "gateway/observe/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace gatehouse::observe {
namespace {

TEST(Histogram, edges_ascend_and_start_at_50_us_and_end_beyond_60_s) {
  EXPECT_EQ(histogram_edge_ns(0), 50'000u);
  EXPECT_EQ(histogram_edge_ns(1), 62'500u);
  EXPECT_EQ(histogram_edge_ns(4), 100'000u);
  EXPECT_EQ(histogram_edge_ns(histogram_buckets - 2), 65'536'000'000u);
  for (unsigned i = 1; i + 1 < histogram_buckets; ++i) EXPECT_GT(histogram_edge_ns(i), histogram_edge_ns(i - 1));
}

TEST(Histogram, an_edge_belongs_to_the_bucket_below_it_and_the_next_nanosecond_does_not) {
  for (unsigned i = 0; i + 1 < histogram_buckets; ++i) {
    EXPECT_EQ(histogram_bucket(histogram_edge_ns(i)), i);
    EXPECT_EQ(histogram_bucket(histogram_edge_ns(i) + 1), i + 1);
  }
}

TEST(Histogram, extremes_fall_in_the_first_and_last_bucket) {
  EXPECT_EQ(histogram_bucket(0), 0u);
  EXPECT_EQ(histogram_bucket(1), 0u);
  EXPECT_EQ(histogram_bucket(~std::uint64_t{0}), histogram_buckets - 1);
}

TEST(Histogram, cumulative_buckets_count_exactly_what_is_at_most_their_edge) {
  Histogram histogram;
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20000; ++i) {
    const auto value = static_cast<std::uint64_t>(std::exp(std::uniform_real_distribution(8.0, 26.0)(random)));
    values.push_back(value);
    histogram.record(value);
  }
  HistogramSum sum;
  sum.add(histogram);
  const auto rows = cumulative(sum);
  EXPECT_TRUE(std::isinf(rows.back().le_seconds));
  EXPECT_EQ(rows.back().count, values.size());
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const auto edge = static_cast<std::uint64_t>(std::llround(rows[i].le_seconds * 1e9));
    const auto expected = std::count_if(values.begin(), values.end(), [&](std::uint64_t v) { return v <= edge; });
    EXPECT_EQ(rows[i].count, static_cast<std::uint64_t>(expected)) << rows[i].le_seconds;
  }
}

TEST(Histogram, quantiles_are_within_a_quarter_of_the_truth) {
  Histogram histogram;
  std::mt19937_64 random(11);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 10000; ++i) {
    values.push_back(static_cast<std::uint64_t>(std::exp(std::uniform_real_distribution(12.0, 22.0)(random))));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  HistogramSum sum;
  sum.add(histogram);
  for (const double q : {0.5, 0.9, 0.99}) {
    const double truth = static_cast<double>(values[static_cast<std::size_t>(q * 10000)]) * 1e-9;
    EXPECT_NEAR(sum.quantile_seconds(q), truth, truth * 0.25) << q;
  }
}

TEST(Histogram, the_quantile_of_nothing_is_zero_and_beyond_the_last_edge_it_is_that_edge) {
  HistogramSum sum;
  EXPECT_EQ(sum.quantile_seconds(0.5), 0);
  Histogram histogram;
  histogram.record(3'600'000'000'000u);
  sum.add(histogram);
  EXPECT_DOUBLE_EQ(sum.quantile_seconds(0.99), 65.536);
}

}  // namespace
}  // namespace gatehouse::observe
