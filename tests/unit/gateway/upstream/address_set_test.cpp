#include "gateway/upstream/address_set.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace gatehouse::upstream {
namespace {

std::vector<net::Address> addresses(std::uint8_t net, unsigned count) {
  std::vector<net::Address> list;
  for (unsigned i = 0; i < count; ++i) {
    list.emplace_back(filters::Address::from_v4(std::uint32_t{net} << 24 | std::uint32_t{net} << 16 | i), net);
  }
  return list;
}

TEST(AddressSet, gives_no_address_while_it_is_empty) {
  AddressSet set;
  EXPECT_FALSE(set.at(0));
  EXPECT_TRUE(set.all().empty());
}

TEST(AddressSet, goes_around) {
  AddressSet set;
  const auto three = addresses(10, 3);
  set.set(three);
  EXPECT_EQ(set.at(0), three[0]);
  EXPECT_EQ(set.at(2), three[2]);
  EXPECT_EQ(set.at(3), three[0]);
  EXPECT_EQ(set.all(), three);
}

TEST(AddressSet, holds_no_more_than_its_room_and_no_unix_sockets) {
  AddressSet set;
  auto many = addresses(10, 100);
  many.insert(many.begin(), *net::Address::parse("unix:/x"));
  set.set(many);
  EXPECT_EQ(set.size(), AddressSet::addresses_max);
  EXPECT_TRUE(set.at(0).is_v4());
}

TEST(AddressSet, never_shows_half_of_an_address) {
  AddressSet set;
  set.set(addresses(1, 2));
  std::thread writer([&set] {
    for (int i = 0; i < 20'000; ++i) set.set(addresses(static_cast<std::uint8_t>(1 + i % 200), 1 + i % 5));
  });
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const net::Address seen = set.at(i);
    const std::uint32_t number = seen.ip().v4();
    // First and second byte and the port were written together.
    ASSERT_EQ(number >> 24, number >> 16 & 0xff);
    ASSERT_EQ(number >> 24, seen.port());
  }
  writer.join();
}

}  // namespace
}  // namespace gatehouse::upstream
