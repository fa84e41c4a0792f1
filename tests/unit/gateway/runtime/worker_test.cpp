// Tasks on a worker: how they start, end, fail, wait for sockets and give each other turns.
#include "gateway/runtime/worker.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace gatehouse::runtime {
namespace {

Task<int> number(int value) { co_return value; }
Task<int> broken() {
  throw std::runtime_error("broken");
  co_return 0;
}

Task<> note_sum(int& out) {
  const int one = co_await number(1);
  out = one + co_await number(41);
}

TEST(Worker, starts_a_task_at_once_and_forgets_it_when_it_ends) {
  Worker worker(0, 1);
  int sum = 0;
  worker.spawn("sum", note_sum(sum));
  EXPECT_EQ(sum, 42);
  EXPECT_EQ(worker.tasks(), 0u);
}

Task<> catch_it(std::string& said) {
  try {
    co_await broken();
  } catch (const std::exception& error) {
    said = error.what();
  }
}

TEST(Task, carries_an_exception_to_who_awaits_it) {
  Worker worker(0, 1);
  std::string said;
  worker.spawn("catch", catch_it(said));
  EXPECT_EQ(said, "broken");
  EXPECT_EQ(worker.escaped_exceptions(), 0u);
}

Task<> let_it_escape() { co_await broken(); }

TEST(Worker, survives_an_exception_that_nobody_caught_and_counts_it) {
  Worker worker(0, 1);
  testing::internal::CaptureStderr();
  worker.spawn("careless", let_it_escape());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("task careless ended by an exception: broken"), std::string::npos);
  EXPECT_EQ(worker.escaped_exceptions(), 1u);
  EXPECT_EQ(worker.tasks(), 0u);
}

Task<> take_turns(Worker& worker, std::string& log, char name) {
  for (int i = 0; i < 3; ++i) {
    log += name;
    co_await worker.yield();
  }
}

TEST(Worker, yield_lets_the_others_have_their_turn) {
  Worker worker(0, 1);
  std::string log;
  worker.spawn("a", take_turns(worker, log, 'a'));
  worker.spawn("b", take_turns(worker, log, 'b'));
  while (worker.tasks() != 0) worker.io().poll();
  EXPECT_EQ(log, "ababab");
}

TEST(Worker, ticks_that_came_late_do_not_come_in_a_bunch) {
  using Steady = std::chrono::steady_clock;
  Worker worker(0, 1);
  const auto until = Steady::now() + 4 * Deadlines::tick_length;
  while (Steady::now() < until) continue;  // the worker is busy for a second
  const std::uint32_t before = worker.deadlines().now();
  const auto began = Steady::now();
  while (worker.deadlines().now() < before + 3) worker.io().poll();
  EXPECT_GE(Steady::now() - began, Deadlines::tick_length) << "the third tick is a whole one after the second";
}

/// Two connected sockets, the first of them a port's.
struct Pair {
  explicit Pair(Worker& worker) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    EXPECT_TRUE(port.open(worker.ports(), ends[0]));
    peer = ends[1];
  }
  ~Pair() { close_peer(); }
  void close_peer() {
    if (peer >= 0) ::close(std::exchange(peer, -1));
  }
  void send() { EXPECT_EQ(::send(peer, "x", 1, 0), 1); }

  Port port;
  int peer{-1};
};

Task<> wait_readable(Port& port, int& woken) {
  port.in = false;
  co_await port.readable();
  ++woken;
}

TEST(Port, wakes_its_reader_at_an_edge) {
  Worker worker(0, 1);
  Pair pair(worker);
  worker.ports().poll();  // the edge that adding it made
  int woken = 0;
  worker.spawn("wait", wait_readable(pair.port, woken));
  worker.ports().poll();
  EXPECT_EQ(woken, 0);
  pair.send();
  worker.ports().poll();
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(pair.port.hup);
}

TEST(Port, does_not_wait_when_its_flag_is_set) {
  Worker worker(0, 1);
  Pair pair(worker);
  EXPECT_TRUE(pair.port.readable().await_ready());
  pair.port.in = false;
  EXPECT_FALSE(pair.port.readable().await_ready());
}

TEST(Port, tells_once_that_the_connection_is_gone_for_good) {
  Worker worker(0, 1);
  Pair pair(worker);
  worker.ports().poll();
  int told = 0;
  pair.port.gone = {[](void* count) noexcept { ++*static_cast<int*>(count); }, &told};
  ::shutdown(pair.peer, SHUT_WR);
  worker.ports().poll();
  EXPECT_TRUE(pair.port.hup);
  EXPECT_EQ(told, 0) << "a peer that has only ended its own direction still wants its reply";
  pair.close_peer();
  worker.ports().poll();
  worker.ports().poll();
  EXPECT_EQ(told, 1);
}

Task<> close_both(Port& mine, Port& other, int& woken) {
  mine.in = false;
  co_await mine.readable();
  ++woken;
  mine.close();
  other.close();
}

TEST(Port, one_that_is_closed_by_an_earlier_event_of_a_batch_is_not_woken) {
  Worker worker(0, 1);
  Pair one(worker);
  Pair two(worker);
  worker.ports().poll();
  int woken = 0;
  worker.spawn("one", close_both(one.port, two.port, woken));
  one.send();
  two.send();
  EXPECT_EQ(worker.ports().poll(), 2);
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(two.port.is_open());
}

Task<> wait_for_either(Port& one, Port& two, std::string& log) {
  co_await AnyOf(one.reader, two.reader);
  log += one.reader.waiting() || two.reader.waiting() ? "still waiting" : "done";
}

TEST(AnyOf, withdraws_the_other_wait) {
  Worker worker(0, 1);
  Pair one(worker);
  Pair two(worker);
  worker.ports().poll();
  std::string log;
  worker.spawn("either", wait_for_either(one.port, two.port, log));
  two.send();
  worker.ports().poll();
  EXPECT_EQ(log, "done");
  one.send();
  worker.ports().poll();
  EXPECT_EQ(log, "done");
}

Task<> until_the_end(Port& port) {
  char byte;
  do {
    port.in = false;
    co_await port.readable();
  } while (::recv(port.fd(), &byte, 1, 0) != 0);
}

TEST(Worker, finishes_its_tasks_by_shutting_their_sockets) {
  Worker worker(0, 1);
  Pair pair(worker);
  worker.ports().poll();
  worker.spawn("waits for ever", until_the_end(pair.port));
  EXPECT_EQ(worker.tasks(), 1u);
  worker.finish_tasks();
  EXPECT_EQ(worker.tasks(), 0u);
}

Task<int> late(Port& port) {
  port.in = false;
  co_await port.readable();
  co_return 7;
}

Task<> join_it(Port& port, int& result) {
  Join<int> beside(late(port));
  EXPECT_FALSE(beside.done());
  result = co_await beside.join();
}

TEST(Join, runs_a_task_beside_its_owner_and_gives_its_result) {
  Worker worker(0, 1);
  Pair pair(worker);
  worker.ports().poll();
  int result = 0;
  worker.spawn("owner", join_it(pair.port, result));
  EXPECT_EQ(result, 0);
  pair.send();
  worker.ports().poll();
  EXPECT_EQ(result, 7);
}

}  // namespace
}  // namespace gatehouse::runtime
