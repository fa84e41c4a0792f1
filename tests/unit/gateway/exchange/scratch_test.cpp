#include "gateway/exchange/scratch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::exchange {
namespace {

using runtime::BufferPool;

TEST(Scratch, takes_short_texts_without_a_buffer) {
  BufferPool pool;
  Scratch scratch(pool);
  const std::string_view text = scratch.join("one", ", ", "two");
  EXPECT_EQ(text, "one, two");
  EXPECT_EQ(pool.lent(), 0u);
}

TEST(Scratch, has_room_for_what_a_head_can_ask_for_at_once) {
  BufferPool pool;
  {
    Scratch scratch(pool);
    const std::string large(96 * 1024, 'x');
    std::vector<std::string_view> texts;
    for (int i = 0; i < 3; ++i) texts.push_back(scratch.join(large, std::to_string(i)));
    for (int i = 0; i < 3; ++i) texts.push_back(scratch.join(large.substr(0, 16 * 1024), std::to_string(i)));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(texts[static_cast<std::size_t>(i)], large + std::to_string(i));
      EXPECT_EQ(texts[static_cast<std::size_t>(i + 3)].back(), static_cast<char>('0' + i));
    }
  }
  EXPECT_EQ(pool.lent(), 0u);
}

TEST(Scratch, gives_its_buffers_back_when_it_is_cleared) {
  BufferPool pool;
  Scratch scratch(pool);
  scratch.take(2000);
  scratch.take(100'000);
  EXPECT_EQ(pool.lent(), 2u);
  scratch.clear();
  EXPECT_EQ(pool.lent(), 0u);
  scratch.take(1000);
  EXPECT_EQ(pool.lent(), 0u) << "the first page is free again";
}

TEST(Scratch, joins_nothing_to_nothing) {
  BufferPool pool;
  Scratch scratch(pool);
  EXPECT_EQ(scratch.join("", std::string_view()), "");
}

TEST(ScratchDeathTest, more_than_a_large_buffer_is_a_bug_of_ours) {
  BufferPool pool;
  Scratch scratch(pool);
  EXPECT_DEATH(scratch.take(BufferPool::large + 1), "");
}

}  // namespace
}  // namespace gatehouse::exchange
