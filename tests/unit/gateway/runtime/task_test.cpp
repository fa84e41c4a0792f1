#include "gateway/runtime/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::runtime {
namespace {

/// Suspends until the test goes on with it.
struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
  void await_resume() const noexcept {}
};

Task<std::string> text_later(Gate& gate) {
  co_await gate;
  co_return "later";
}
Task<std::string> text(Gate* gate) {
  if (gate == nullptr) return Task<std::string>::now("at once");
  return text_later(*gate);
}
Task<std::string> twice(Gate* gate) {
  const std::string first = co_await text(gate);
  co_return first + ", " + co_await text(nullptr);
}

TEST(Task, that_has_ended_already_is_not_waited_for) {
  Task<std::string> task = text(nullptr);
  EXPECT_TRUE(task.await_ready());
  EXPECT_EQ(task.await_resume(), "at once");
}

TEST(Task, gives_a_value_that_was_there_or_came_later_to_whoever_awaits_it) {
  Gate gate;
  Join<std::string> waits(twice(&gate));
  EXPECT_FALSE(waits.done());
  gate.waiting.resume();
  ASSERT_TRUE(waits.done());
  EXPECT_EQ(waits.join().await_resume(), "later, at once");
  Join<std::string> at_once(twice(nullptr));
  ASSERT_TRUE(at_once.done());
  EXPECT_EQ(at_once.join().await_resume(), "at once, at once");
}

TEST(Task, carries_its_value_when_it_moves) {
  Task<std::unique_ptr<int>> task = Task<std::unique_ptr<int>>::now(std::make_unique<int>(7));
  Task<std::unique_ptr<int>> moved = std::move(task);
  EXPECT_TRUE(moved.await_ready());
  EXPECT_EQ(*moved.await_resume(), 7);
}

TEST(Join, takes_a_task_that_has_ended_already) {
  Join<std::string> join(text(nullptr));
  EXPECT_TRUE(join.done());
  EXPECT_TRUE(join.join().await_ready());
  EXPECT_EQ(join.join().await_resume(), "at once");
}

}  // namespace
}  // namespace gatehouse::runtime
