// A wire on a connection in memory, with time made of ticks.
#include "gateway/exchange/wire.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/session/memory_stream.hpp"

namespace gatehouse::exchange {
namespace {

using session::Faults;
using session::Link;
using session::MemoryStream;

class WireTest : public ::testing::TestWithParam<Side> {
 protected:
  void read(milliseconds limit) { worker.spawn("read", reading(limit)); }
  void write(std::string text, milliseconds limit) { worker.spawn("write", writing(std::move(text), limit)); }
  void ticks(int count) {
    for (int i = 0; i < count; ++i) worker.deadlines().tick();
  }

  Faults faults;
  runtime::Worker worker{0, 1};
  Link link{faults, GetParam()};
  Wire wire{worker, std::make_unique<MemoryStream>(link), GetParam()};
  std::optional<Try<std::size_t>> got;
  std::optional<Try<void>> written;
  char room[64];

 private:
  Task<> reading(milliseconds limit) { got = co_await wire.read(room, limit); }
  Task<> writing(std::string text, milliseconds limit) {
    iovec pieces[2] = {{text.data(), text.size() / 2}, {text.data() + text.size() / 2, text.size() - text.size() / 2}};
    written = co_await wire.write(pieces, limit);
  }
};

INSTANTIATE_TEST_SUITE_P(Sides, WireTest, ::testing::Values(Side::client, Side::origin),
                         [](const auto& info) { return info.param == Side::client ? "client" : "origin"; });

TEST_P(WireTest, reads_what_is_there_without_waiting) {
  link.to_gateway = "hello";
  read(milliseconds(1000));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(**got, 5u);
}

TEST_P(WireTest, waits_for_bytes_and_for_the_end) {
  read(milliseconds(1000));
  EXPECT_FALSE(got.has_value());
  link.to_gateway = "hi";
  link.deliver();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(**got, 2u);
  got.reset();
  read(milliseconds(1000));
  link.peer_ended = true;
  link.deliver();
  EXPECT_EQ(**got, 0u);
}

TEST_P(WireTest, a_silence_longer_than_the_limit_is_the_peers_fault) {
  read(milliseconds(1000));
  ticks(4);
  EXPECT_FALSE(got.has_value()) << "not before the limit";
  ticks(2);
  ASSERT_TRUE(got.has_value() && !*got);
  EXPECT_EQ(got->error().what, GetParam() == Side::client ? Errc::client_idle : Errc::origin_timeout);
  EXPECT_EQ(got->error().status, GetParam() == Side::client ? 408 : 504);
  EXPECT_TRUE(wire.expired());
}

TEST_P(WireTest, a_wait_without_a_limit_has_none) {
  read(milliseconds(0));
  ticks(10'000);
  EXPECT_FALSE(got.has_value());
  wire.stop_reading();
}

TEST_P(WireTest, each_byte_begins_a_wait_of_its_own_unless_the_whole_is_limited) {
  wire.limit_all(milliseconds(1000));
  int bytes = 0;
  for (; bytes < 20; ++bytes) {
    got.reset();
    read(milliseconds(1000));
    ticks(1);
    if (got.has_value()) break;
    link.to_gateway += "x";
    link.deliver();
    ASSERT_TRUE(got.has_value() && *got);
  }
  EXPECT_LE(bytes, 6) << "a dripping peer is stopped by the limit of the whole";
  wire.settle();
  for (int i = 0; i < 20; ++i) {
    got.reset();
    read(milliseconds(1000));
    ticks(1);
    link.to_gateway += "x";
    link.deliver();
    ASSERT_TRUE(got.has_value() && *got) << i;
  }
}

TEST_P(WireTest, a_stopped_read_fails_with_no_reason_and_the_wire_goes_on) {
  read(milliseconds(1000));
  wire.stop_reading();
  ASSERT_TRUE(got.has_value() && !*got);
  EXPECT_EQ(got->error().what, Errc::none);
  got.reset();
  link.to_gateway = "more";
  link.deliver();
  read(milliseconds(1000));
  EXPECT_EQ(**got, 4u);
}

TEST_P(WireTest, stopping_what_does_not_wait_changes_nothing) {
  wire.stop_reading();
  wire.stop_writing();
  link.to_gateway = "hello";
  read(milliseconds(1000));
  EXPECT_EQ(**got, 5u);
}

TEST_P(WireTest, writes_on_where_the_peer_made_room) {
  link.room = 3;
  write("0123456789", milliseconds(1000));
  EXPECT_EQ(link.from_gateway, "012");
  EXPECT_FALSE(written.has_value());
  link.room = 4;
  link.deliver();
  link.room = 100;
  link.deliver();
  ASSERT_TRUE(written.has_value() && *written);
  EXPECT_EQ(link.from_gateway, "0123456789");
}

TEST_P(WireTest, a_peer_that_does_not_read_reaches_the_limit_too) {
  link.room = 0;
  write("0123456789", milliseconds(500));
  ticks(4);
  ASSERT_TRUE(written.has_value() && !*written);
  EXPECT_EQ(written->error().side, GetParam());
}

TEST_P(WireTest, the_limit_wakes_one_of_two_waits_and_that_one_stops_the_other) {
  link.room = 0;
  read(milliseconds(500));
  write("x", milliseconds(500));
  ticks(4);
  // Towards the client the exchange's own coroutine writes, towards the origin it reads.
  const bool client = GetParam() == Side::client;
  EXPECT_EQ(written.has_value(), client);
  EXPECT_EQ(got.has_value(), !client);
  client ? wire.stop_reading() : wire.stop_writing();
  EXPECT_TRUE(written.has_value() && got.has_value());
}

TEST_P(WireTest, the_process_may_shut_it_while_it_waits) {
  read(milliseconds(0));
  wire.stream().shut();
  link.deliver();
  ASSERT_TRUE(got.has_value());
}

TEST_P(WireTest, an_error_is_the_side_that_broke) {
  faults.side = GetParam();
  faults.strike = session::Strike::reset;
  faults.at = 1;
  read(milliseconds(1000));
  ASSERT_TRUE(got.has_value() && !*got);
  const bool client = GetParam() == Side::client;
  EXPECT_EQ(got->error().what, client ? Errc::client_reset : Errc::origin_reset);
  EXPECT_EQ(got->error().side, GetParam());
  EXPECT_EQ(got->error().retry, client ? Retry::never : Retry::if_idempotent);
  EXPECT_EQ(got->error().os_error, ECONNRESET);
}

}  // namespace
}  // namespace gatehouse::exchange
