#include "gateway/upstream/outlier.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace gatehouse::upstream {
namespace {

using std::chrono_literals::operator""s;

struct FourEndpoints : testing::Test {
  static OutlierSettings settings(std::uint32_t percent = 50) {
    OutlierSettings settings;
    settings.consecutive_failures = 3;
    settings.base_ejection_time = 10s;
    settings.max_ejection_time = 25s;
    settings.max_ejection_percent = percent;
    return settings;
  }
  static bool fail(const Outlier& outlier, OutlierRecord& record, std::uint64_t now_ms, int times = 3) {
    bool ejected = false;
    for (int i = 0; i < times; ++i) ejected = outlier.failed(record, now_ms);
    return ejected;
  }

  std::array<OutlierRecord, 4> records;
  Outlier outlier{settings(), {&records[0], &records[1], &records[2], &records[3]}};
};

TEST_F(FourEndpoints, ejects_after_failures_in_a_row) {
  EXPECT_FALSE(fail(outlier, records[0], 1000, 2));
  EXPECT_FALSE(records[0].ejected(1000));
  EXPECT_TRUE(outlier.failed(records[0], 1000));
  EXPECT_TRUE(records[0].ejected(1000));
  EXPECT_TRUE(records[0].ejected(10'999));
  EXPECT_FALSE(records[0].ejected(11'000));
}

TEST_F(FourEndpoints, begins_the_count_again_after_a_success) {
  fail(outlier, records[0], 1000, 2);
  outlier.succeeded(records[0]);
  EXPECT_FALSE(fail(outlier, records[0], 1000, 2));
  EXPECT_EQ(records[0].failures_in_a_row(), 2u);
}

TEST_F(FourEndpoints, ejects_for_longer_each_time_up_to_the_cap) {
  EXPECT_TRUE(fail(outlier, records[0], 0));
  EXPECT_EQ(records[0].ejected_until_ms(), 10'000u);
  EXPECT_TRUE(fail(outlier, records[0], 12'000));
  EXPECT_EQ(records[0].ejected_until_ms(), 32'000u);
  EXPECT_TRUE(fail(outlier, records[0], 33'000));
  EXPECT_EQ(records[0].ejected_until_ms(), 58'000u) << "25 s is the cap";
  EXPECT_EQ(records[0].ejections_in_a_row(), 3u);
  EXPECT_EQ(records[0].ejections_total(), 3u);
}

TEST_F(FourEndpoints, forgets_the_row_of_one_that_held_out_as_long_as_it_was_away) {
  fail(outlier, records[0], 0);
  EXPECT_TRUE(fail(outlier, records[0], 20'000));
  EXPECT_EQ(records[0].ejections_in_a_row(), 1u);
  EXPECT_EQ(records[0].ejected_until_ms(), 30'000u);
}

TEST_F(FourEndpoints, never_ejects_more_than_its_share_of_the_group) {
  EXPECT_TRUE(fail(outlier, records[0], 0));
  EXPECT_TRUE(fail(outlier, records[1], 0));
  EXPECT_FALSE(fail(outlier, records[2], 0));
  EXPECT_EQ(outlier.ejected(0), 2u);
  EXPECT_TRUE(outlier.failed(records[2], 10'000)) << "its failures count on when there is room again";
}

TEST_F(FourEndpoints, may_always_eject_one) {
  const Outlier timid(settings(/*percent*/ 1), {&records[0], &records[1]});
  EXPECT_TRUE(fail(timid, records[0], 0));
  EXPECT_FALSE(fail(timid, records[1], 0));
}

TEST_F(FourEndpoints, does_not_lengthen_an_ejection_by_stragglers) {
  fail(outlier, records[0], 0);
  EXPECT_FALSE(fail(outlier, records[0], 5000, 10));
  EXPECT_EQ(records[0].ejected_until_ms(), 10'000u);
}

TEST_F(FourEndpoints, does_nothing_when_it_is_off) {
  OutlierSettings off = settings();
  off.enabled = false;
  const Outlier none(off, {&records[0]});
  EXPECT_FALSE(fail(none, records[0], 0, 100));
  EXPECT_FALSE(records[0].ejected(0));
}

TEST_F(FourEndpoints, forgives_on_request) {
  fail(outlier, records[0], 0);
  records[0].forgive();
  EXPECT_FALSE(records[0].ejected(0));
  EXPECT_EQ(records[0].ejections_in_a_row(), 0u);
}

TEST_F(FourEndpoints, keeps_the_limit_when_workers_eject_at_once) {
  std::array<std::thread, 4> workers;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers[i] = std::thread([this, i] {
      for (int n = 0; n < 2000; ++n) {
        outlier.failed(records[i], 0);
        outlier.failed(records[(i + 1) % 4], 0);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(outlier.ejected(0), 2u);
}

}  // namespace
}  // namespace gatehouse::upstream
