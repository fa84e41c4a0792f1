#include "gateway/net/address.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

namespace gatehouse::net {
namespace {

std::string text_of(const Address& address) {
  char room[Address::text_max];
  return std::string(address.write(room));
}

std::string ip_text_of(const Address& address) {
  char room[Address::text_max];
  return std::string(address.write_ip(room));
}

Address parsed(std::string_view text) {
  const auto address = Address::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(Address());
}

Address through_socket(const Address& address) {
  const SocketAddress socket(address);
  return Address::from_socket(socket.data(), socket.size());
}

TEST(Address, is_written_as_it_was_read) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[2001:db8::7348]:443",
                           "[::]:1", "[1:2:3:4:5:6:7:8]:9", "unix:/run/gatehouse.sock"}) {
    EXPECT_EQ(text_of(parsed(text)), text);
  }
}

TEST(Address, has_port_zero_when_the_text_has_none) {
  EXPECT_EQ(parsed("10.1.2.3").port(), 0);
  EXPECT_EQ(parsed("::1").port(), 0);
  EXPECT_EQ(parsed("[::1]").port(), 0);
  EXPECT_EQ(ip_text_of(parsed("[2001:db8::1]:80")), "2001:db8::1");
  EXPECT_EQ(ip_text_of(parsed("10.1.2.3:80")), "10.1.2.3");
}

TEST(Address, refuses_what_is_no_address) {
  for (const char* text :
       {"",           "localhost",  "localhost:80", "1.2.3", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1",
        "1.2.3.4:+1", "1.2.3.4:8a", "01.2.3.4",     "[::1",  "[::1]80",  "[::1]:",        "[1.2.3.4]:80",
        "::1:99999",  "[]:80",      ":80",          "unix:", "1.2.3.4 ", "[::1]:80:90"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  EXPECT_FALSE(Address::parse("unix:/" + std::string(Address::path_max, 'x')));
  EXPECT_TRUE(Address::parse("unix:/" + std::string(Address::path_max - 1, 'x')));
}

TEST(Address, takes_ipv4_inside_ipv6_for_ipv4) {
  EXPECT_EQ(parsed("[::ffff:10.0.0.1]:80"), parsed("10.0.0.1:80"));
  EXPECT_TRUE(parsed("[::ffff:10.0.0.1]:80").is_v4());
  sockaddr_in6 mapped{};
  mapped.sin6_family = AF_INET6;
  mapped.sin6_port = htons(99);
  mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
  mapped.sin6_addr.s6_addr[12] = 192, mapped.sin6_addr.s6_addr[15] = 7;
  EXPECT_EQ(text_of(Address::from_socket(reinterpret_cast<sockaddr*>(&mapped), sizeof mapped)), "192.0.0.7:99");
}

TEST(Address, survives_the_way_through_a_socket_address) {
  for (const char* text : {"127.0.0.1:80", "[2001:db8::7348]:443", "unix:/tmp/x"}) {
    EXPECT_EQ(through_socket(parsed(text)), parsed(text)) << text;
  }
  EXPECT_EQ(SocketAddress(parsed("[::ffff:1.2.3.4]:5")).family(), AF_INET);
  EXPECT_EQ(SocketAddress(Address()).family(), AF_UNSPEC);
  EXPECT_EQ(SocketAddress(Address()).size(), 0u);
}

TEST(Address, is_none_for_unknown_families_and_short_sizes) {
  sockaddr_in short_of{};
  short_of.sin_family = AF_INET;
  EXPECT_FALSE(Address::from_socket(reinterpret_cast<sockaddr*>(&short_of), 4));
  short_of.sin_family = AF_PACKET;
  EXPECT_FALSE(Address::from_socket(reinterpret_cast<sockaddr*>(&short_of), sizeof short_of));
  EXPECT_EQ(text_of(Address()), "-");
}

TEST(Address, knows_the_unnamed_end_of_a_unix_socket) {
  sockaddr_un unnamed{};
  unnamed.sun_family = AF_UNIX;
  const Address address = Address::from_socket(reinterpret_cast<sockaddr*>(&unnamed), sizeof(sa_family_t));
  EXPECT_TRUE(address.is_unix());
  EXPECT_TRUE(address.is_loopback());
  EXPECT_EQ(address.path(), "");
  EXPECT_EQ(text_of(address), "unix:");
}

TEST(Address, knows_what_is_this_machine) {
  EXPECT_TRUE(parsed("127.0.0.1").is_loopback());
  EXPECT_TRUE(parsed("127.255.0.9:80").is_loopback());
  EXPECT_TRUE(parsed("::1").is_loopback());
  EXPECT_TRUE(parsed("unix:/x").is_loopback());
  EXPECT_FALSE(parsed("128.0.0.1").is_loopback());
  EXPECT_FALSE(parsed("::").is_loopback());
  EXPECT_FALSE(parsed("1::1").is_loopback());
  EXPECT_FALSE(Address().is_loopback());
}

TEST(Address, compares_by_address_then_port) {
  EXPECT_LT(parsed("10.0.0.1:80"), parsed("10.0.0.2:1"));
  EXPECT_LT(parsed("10.0.0.1:80"), parsed("10.0.0.1:81"));
  EXPECT_LT(parsed("10.0.0.1:80"), parsed("200.0.0.1:80"));
  EXPECT_NE(parsed("10.0.0.1:80"), parsed("10.0.0.1:81"));
  EXPECT_EQ(parsed("10.0.0.1:80").with_port(81), parsed("10.0.0.1:81"));
}

TEST(Address, is_cut_rather_than_written_beyond_the_room) {
  char room[6];
  EXPECT_EQ(parsed("100.200.100.200:8080").write(room).size(), 6u);
}

TEST(SplitHostPort, takes_names_and_addresses_apart) {
  const auto name = split_host_port("web.internal:8080");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "web.internal");
  EXPECT_EQ(name->port, 8080);
  const auto v6 = split_host_port("[::1]:80");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 80);
  EXPECT_FALSE(split_host_port("web")->port);
  for (const char* text : {"", ":80", "web:", "web:x", "web:70000", "[::1", "[::1]x", "a:b:c"}) {
    EXPECT_FALSE(split_host_port(text)) << text;
  }
}

}  // namespace
}  // namespace gatehouse::net
