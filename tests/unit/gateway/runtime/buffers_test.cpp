#include "gateway/runtime/buffers.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "gateway/runtime/recycler.hpp"

namespace gatehouse::runtime {
namespace {

TEST(Buffers, come_in_two_sizes_and_count_what_is_lent) {
  BufferPool pool;
  {
    const Buffer small = pool.take_small();
    const Buffer large = pool.take_large();
    EXPECT_EQ(small.size(), BufferPool::small);
    EXPECT_EQ(large.size(), BufferPool::large);
    EXPECT_EQ(pool.lent(), 2u);
  }
  EXPECT_EQ(pool.lent(), 0u);
}

TEST(Buffers, the_one_given_back_last_is_lent_first) {
  BufferPool pool;
  Buffer one = pool.take_small();
  Buffer two = pool.take_small();
  char* const last = one.data();
  two.release();
  one.release();
  EXPECT_EQ(pool.take_small().data(), last);
}

TEST(Buffers, that_are_brief_come_from_a_list_of_their_own) {
  BufferPool pool;
  char* const brief = pool.take_brief().data();
  const Buffer held = pool.take_small();
  EXPECT_NE(held.data(), brief);
  const Buffer again = pool.take_brief();
  EXPECT_EQ(again.data(), brief);
  EXPECT_EQ(again.size(), BufferPool::small);
  EXPECT_EQ(pool.lent(), 2u);
}

TEST(Buffers, give_themselves_back_once) {
  BufferPool pool;
  Buffer one = pool.take_small();
  Buffer moved = std::move(one);
  EXPECT_FALSE(one);
  EXPECT_TRUE(moved);
  one.release();
  EXPECT_EQ(pool.lent(), 1u);
  moved.release();
  moved.release();
  EXPECT_EQ(pool.lent(), 0u);
  EXPECT_EQ(moved.size(), 0u);
}

TEST(Buffers, assigned_to_each_other_lose_none) {
  BufferPool pool;
  {
    Buffer one = pool.take_small();
    Buffer two = pool.take_large();
    one = std::move(two);
    EXPECT_EQ(one.size(), BufferPool::large);
    EXPECT_EQ(pool.lent(), 2u) << "what was there before lives in the other until that goes";
  }
  EXPECT_EQ(pool.lent(), 0u);
}

TEST(Buffers, a_burst_beyond_what_is_kept_is_given_to_the_allocator) {
  BufferPool pool;
  std::vector<Buffer> burst;
  for (int i = 0; i < 300; ++i) burst.push_back(pool.take_large());
  burst.clear();
  EXPECT_EQ(pool.lent(), 0u);
  EXPECT_TRUE(pool.take_large());
}

struct Counted {
  explicit Counted(int& made) noexcept : made(made) { ++made; }
  int& made;
  int uses{0};
};

TEST(Recycler, uses_what_was_given_back_as_it_is) {
  int made = 0;
  Recycler<Counted> recycler;
  Counted* first = nullptr;
  {
    const auto lease = recycler.take(made);
    first = lease.get();
    ++lease->uses;
  }
  const auto again = recycler.take(made);
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(again->uses, 1);
  const auto other = recycler.take(made);
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace gatehouse::runtime
