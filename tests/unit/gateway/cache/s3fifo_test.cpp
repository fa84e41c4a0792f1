// The queues of S3-FIFO by themselves: who goes first, what the ghost is for, sizes.
#include "gateway/cache/s3fifo.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace gatehouse::cache {
namespace {

struct Item : S3Links {
  explicit Item(std::uint32_t name) : name(name) {}
  std::uint32_t name;
};

/// Queues for unit-size items, and a way to see who goes.
struct World {
  explicit World(std::uint64_t capacity) : fifo(capacity) {}

  Item& put(std::uint32_t name, std::uint32_t weight = 1) {
    Item& item = items.emplace_back(name);
    fifo.insert(item, weight, name);
    while (fifo.over()) gone.push_back(fifo.evict([](const Item& i) { return i.name; })->name);
    return item;
  }
  std::deque<Item> items;
  S3Fifo<Item> fifo;
  std::vector<std::uint32_t> gone;
};

TEST(S3Fifo, lets_go_first_what_came_first_and_was_not_used) {
  World world(100);
  for (std::uint32_t i = 1; i <= 103; ++i) world.put(i);
  EXPECT_EQ(world.gone, (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(world.fifo.count(), 100u);
  EXPECT_EQ(world.fifo.weight(), 100u);
}

TEST(S3Fifo, keeps_what_was_used_through_a_scan_of_ten_times_its_room) {
  World world(1000);
  std::vector<Item*> used;
  for (std::uint32_t i = 1; i <= 100; ++i) used.push_back(&world.put(i));
  for (Item* item : used) item->use(), item->use();
  for (std::uint32_t i = 1000; i < 11'000; ++i) world.put(i);
  for (const Item* item : used) EXPECT_TRUE(item->queued()) << item->name;
}

TEST(S3Fifo, lets_in_for_good_what_comes_back_while_it_is_remembered) {
  World world(1000);
  for (std::uint32_t i = 1; i <= 1100; ++i) world.put(i);
  ASSERT_EQ(world.gone.front(), 1u);
  Item& back = world.put(1);
  for (std::uint32_t i = 5000; i < 5900; ++i) world.put(i);  // a scan that fills the small queue many times over
  EXPECT_TRUE(back.queued());
}

TEST(S3Fifo, empties_the_main_queue_too_when_all_of_it_is_old) {
  World world(100);
  for (std::uint32_t i = 1; i <= 100; ++i) world.put(i).use();
  for (std::uint32_t i = 101; i <= 400; ++i) world.put(i).use();
  EXPECT_EQ(world.fifo.count(), 100u);
  EXPECT_EQ(world.gone.size(), 300u);
}

TEST(S3Fifo, asks_more_uses_of_what_is_large) {
  World world(1000);
  for (std::uint32_t i = 1; i <= 400; ++i) world.put(i);
  Item& large = world.put(9000, 100);
  Item& little = world.put(9001, 1);
  large.use();
  little.use();
  for (std::uint32_t i = 10'000; i < 11'000; ++i) world.put(i);
  EXPECT_FALSE(large.queued());
  EXPECT_TRUE(little.queued());
}

TEST(S3Fifo, counts_what_grows_and_what_takes_anothers_place) {
  World world(100);
  Item& item = world.put(1, 10);
  world.fifo.reweigh(item, 30);
  EXPECT_EQ(world.fifo.weight(), 30u);
  Item fresh(1);
  world.fifo.replace(item, fresh, 7);
  EXPECT_EQ(world.fifo.weight(), 7u);
  EXPECT_FALSE(item.queued());
  EXPECT_TRUE(fresh.queued());
  world.fifo.remove(fresh);
  EXPECT_EQ(world.fifo.weight(), 0u);
  EXPECT_EQ(world.fifo.evict([](const Item& i) { return i.name; }), nullptr);
}

TEST(S3Fifo, spares_the_one_that_room_is_made_for) {
  World world(10);
  Item first(1);
  world.fifo.insert(first, 5, 1);
  Item large(2);
  world.fifo.insert(large, 50, 2);
  const auto name = [](const Item& i) { return i.name; };
  EXPECT_EQ(world.fifo.evict(name, &large), &first);
  EXPECT_EQ(world.fifo.evict(name, &large), nullptr);
  EXPECT_TRUE(large.queued());
}

TEST(S3Fifo, spares_it_in_the_main_queue_too) {
  World world(10);
  Item early(1), spared(1), other(2);
  const auto name = [](const Item& i) { return i.name; };
  world.fifo.insert(early, 1, 1);
  ASSERT_EQ(world.fifo.evict(name), &early);
  world.fifo.insert(spared, 1, 1);  // remembered: it enters the main queue
  world.fifo.insert(other, 1, 2);
  EXPECT_EQ(world.fifo.evict(name, &spared), &other);
  EXPECT_EQ(world.fifo.evict(name, &spared), nullptr);
}

TEST(Ghost, forgets_what_was_asked_for_and_what_is_too_old) {
  Ghost ghost;
  EXPECT_FALSE(ghost.take(7));
  ghost.resize(1000);
  ghost.add(7);
  EXPECT_TRUE(ghost.take(7));
  EXPECT_FALSE(ghost.take(7));
  const auto spread = [](std::uint32_t i) { return i * 0x9e3779b9u; };
  for (std::uint32_t i = 1; i <= 10'000; ++i) ghost.add(spread(i));
  std::size_t old = 0, recent = 0;
  for (std::uint32_t i = 1; i <= 8000; ++i) old += ghost.take(spread(i));
  for (std::uint32_t i = 9501; i <= 10'000; ++i) recent += ghost.take(spread(i));
  EXPECT_EQ(old, 0u);
  EXPECT_GT(recent, 480u);
}

TEST(Ghost, keeps_what_it_knows_when_it_grows) {
  Ghost ghost;
  ghost.resize(100);
  for (std::uint32_t i = 1; i <= 50; ++i) ghost.add(i * 0x9e3779b9u);
  ghost.resize(1000);
  std::size_t known = 0;
  for (std::uint32_t i = 1; i <= 50; ++i) known += ghost.take(i * 0x9e3779b9u);
  EXPECT_EQ(known, 50u);
}

}  // namespace
}  // namespace gatehouse::cache
