#include "gateway/tls/tickets.hpp"

#include <gtest/gtest.h>

namespace gatehouse::tls {
namespace {

using namespace std::chrono_literals;
using Found = TicketKeys::Found;
const TicketKeys::Time start{};

Found find(const TicketKeys& keys, const TicketKey& key) {
  TicketKey found;
  const Found how = keys.find(key.name.data(), found);
  if (how != Found::none) EXPECT_EQ(found.cipher, key.cipher);
  return how;
}

TEST(TicketKeys, a_key_seals_for_one_period_and_opens_for_two) {
  TicketKeys keys(8h, start);
  const TicketKey first = keys.current();
  EXPECT_EQ(find(keys, first), Found::current);
  keys.tick(start + 8h - 1ms);
  EXPECT_EQ(find(keys, first), Found::current);
  keys.tick(start + 8h);
  EXPECT_EQ(find(keys, first), Found::other);
  EXPECT_NE(keys.current().name, first.name);
  keys.tick(start + 16h);
  EXPECT_EQ(find(keys, first), Found::none);
  EXPECT_EQ(keys.rotations(), 2u);
}

TEST(TicketKeys, the_next_key_is_known_before_it_seals) {
  TicketKeys keys(1h, start);
  const TicketKey first = keys.current();
  keys.rotate();
  const TicketKey second = keys.current();
  EXPECT_NE(first.name, second.name);
  EXPECT_NE(first.cipher, second.cipher);
  EXPECT_NE(first.mac, second.mac);
}

TEST(TicketKeys, a_long_sleep_replaces_every_key_and_keeps_the_rhythm) {
  TicketKeys keys(1h, start);
  const TicketKey first = keys.current();
  keys.tick(start + 1000h);
  EXPECT_EQ(keys.rotations(), 3u);
  EXPECT_EQ(find(keys, first), Found::none);
  keys.tick(start + 1000h + 59min);
  EXPECT_EQ(keys.rotations(), 3u);
  keys.tick(start + 1001h);
  EXPECT_EQ(keys.rotations(), 4u);
}

TEST(TicketKeys, a_new_period_keeps_the_keys) {
  TicketKeys keys(8h, start);
  const TicketKey first = keys.current();
  keys.set_period(1h);
  EXPECT_EQ(find(keys, first), Found::current);
  keys.tick(start + 1h);
  EXPECT_EQ(find(keys, first), Found::other);
}

}  // namespace
}  // namespace gatehouse::tls
