// Where things are on disk: replacing, erasing, segments that go, memory.
#include "gateway/cache/disk/disk_index.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::cache {
namespace {

Key key_of(std::uint64_t number) { return make_key({1, 2}, {std::to_string(number)}); }

TEST(DiskIndex, finds_the_variants_of_a_key_newest_first) {
  DiskIndex index;
  index.put(key_of(1), 10, {2, 100}, 3);
  index.put(key_of(1), 11, {3, 50}, 3);
  index.put(key_of(2), 10, {2, 200}, 3);
  const auto places = index.find(key_of(1));
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0], (DiskPlace{3, 50, 8192}));
  EXPECT_EQ(places[1], (DiskPlace{2, 100, 8192}));
  EXPECT_TRUE(index.find(key_of(3)).empty());
}

TEST(DiskIndex, lets_a_newer_record_take_the_place_of_the_same_variant) {
  DiskIndex index;
  index.put(key_of(1), 10, {2, 100}, 3);
  index.put(key_of(1), 10, {4, 1}, 129);
  const auto places = index.find(key_of(1));
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0], (DiskPlace{4, 1, 16'384}));
}

TEST(DiskIndex, forgets_by_key_by_place_and_by_segment) {
  DiskIndex index;
  for (std::uint64_t i = 0; i < 900; ++i) index.put(key_of(i), 0, {2 + static_cast<std::uint32_t>(i) / 300, 1}, 1);
  index.drop_before(3);
  EXPECT_EQ(index.size(), 600u);
  EXPECT_FALSE(index.has(key_of(299)));
  EXPECT_TRUE(index.has(key_of(300)));
  index.erase(key_of(300));
  EXPECT_FALSE(index.has(key_of(300)));
  index.erase(key_of(301), {4, 1, 8192});  // it is in segment 3
  EXPECT_TRUE(index.has(key_of(301)));
  index.erase(key_of(301), {3, 1, 8192});
  EXPECT_FALSE(index.has(key_of(301)));
  EXPECT_EQ(index.size(), 598u);
}

TEST(DiskIndex, knows_what_was_used) {
  DiskIndex index;
  index.put(key_of(1), 0, {2, 7}, 1);
  EXPECT_FALSE(index.was_used(key_of(1), {2, 7}));
  index.find(key_of(1));
  EXPECT_TRUE(index.was_used(key_of(1), {2, 7}));
  index.put(key_of(1), 0, {3, 9}, 1);
  EXPECT_FALSE(index.was_used(key_of(1), {2, 7})) << "that one is not in force any more";
}

TEST(DiskIndex, takes_at_most_24_bytes_an_object_and_reuses_what_died) {
  DiskIndex index;
  for (std::uint32_t i = 0; i < 300'000; ++i) {
    index.put(key_of(i), 0, {2 + i / 1000, i % 1000}, 1);
    if (i >= 100'000 && i % 1000 == 0) index.drop_before(2 + (i - 100'000) / 1000);
  }
  EXPECT_LE(static_cast<double>(index.bytes()) / static_cast<double>(index.size()), 24.0);
  for (std::uint32_t i = 200'000; i < 300'000; ++i) EXPECT_TRUE(index.has(key_of(i)));
}

}  // namespace
}  // namespace gatehouse::cache
