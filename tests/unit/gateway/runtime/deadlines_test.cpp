#include "gateway/runtime/deadlines.hpp"

#include <gtest/gtest.h>

namespace gatehouse::runtime {
namespace {

using std::chrono::milliseconds;

struct Fired {
  int times{0};
  static void note(void* self) noexcept { ++static_cast<Fired*>(self)->times; }
};

/// Ticks until it fires; how many ticks that took, or -1.
int ticks_until(Deadlines& wheel, const Fired& fired, int most) {
  for (int i = 1; i <= most; ++i) {
    wheel.tick();
    if (fired.times != 0) return i;
  }
  return -1;
}

TEST(Deadlines, fires_after_the_limit_and_at_most_one_tick_late) {
  for (const int limit_ms : {1, 250, 400, 1000, 1750, 2000, 10'000, 60'000}) {
    Deadlines wheel;
    Fired fired;
    Deadline deadline;
    deadline.attach(wheel, &Fired::note, &fired);
    for (int i = 0; i < 3; ++i) wheel.tick();
    deadline.arm(milliseconds(limit_ms));
    const int ticks = ticks_until(wheel, fired, 1000);
    EXPECT_GE(ticks * 250, limit_ms) << limit_ms;
    EXPECT_LE(ticks * 250, limit_ms + 500) << limit_ms;
    EXPECT_TRUE(deadline.expired());
  }
}

TEST(Deadlines, does_not_fire_when_disarmed_or_not_armed) {
  Deadlines wheel;
  Fired fired;
  Deadline deadline;
  deadline.attach(wheel, &Fired::note, &fired);
  deadline.arm(milliseconds(500));
  deadline.disarm();
  EXPECT_EQ(ticks_until(wheel, fired, 40), -1);
  deadline.arm(milliseconds(0));
  EXPECT_EQ(ticks_until(wheel, fired, 40), -1);
}

TEST(Deadlines, an_earlier_limit_replaces_a_later_one) {
  Deadlines wheel;
  Fired fired;
  Deadline deadline;
  deadline.attach(wheel, &Fired::note, &fired);
  deadline.arm(milliseconds(60'000));
  for (int i = 0; i < 10; ++i) wheel.tick();
  deadline.arm(milliseconds(250));
  EXPECT_LE(ticks_until(wheel, fired, 10), 3);
}

TEST(Deadlines, fires_once_for_each_arming) {
  Deadlines wheel;
  Fired fired;
  Deadline deadline;
  deadline.attach(wheel, &Fired::note, &fired);
  deadline.arm(milliseconds(250));
  for (int i = 0; i < 40; ++i) wheel.tick();
  EXPECT_EQ(fired.times, 1);
  deadline.arm(milliseconds(250));
  EXPECT_FALSE(deadline.expired());
  for (int i = 0; i < 40; ++i) wheel.tick();
  EXPECT_EQ(fired.times, 2);
}

TEST(Deadlines, an_action_may_take_other_deadlines_away) {
  Deadlines wheel;
  struct Both {
    Deadline* other{nullptr};
    int times{0};
    static void detach_other(void* self) noexcept {
      auto& both = *static_cast<Both*>(self);
      ++both.times;
      both.other->detach();
    }
  };
  Deadline first;
  Deadline second;
  Both of_first{&second};
  Both of_second{&first};
  first.attach(wheel, &Both::detach_other, &of_first);
  second.attach(wheel, &Both::detach_other, &of_second);
  first.arm(milliseconds(250));
  second.arm(milliseconds(250));
  for (int i = 0; i < 8; ++i) wheel.tick();
  EXPECT_EQ(of_first.times + of_second.times, 1);
}

}  // namespace
}  // namespace gatehouse::runtime
