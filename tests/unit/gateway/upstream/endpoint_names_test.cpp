#include "gateway/upstream/endpoint_names.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "../net/dns_server.hpp"

namespace gatehouse::upstream {
namespace {

using net::run_until;
using std::chrono_literals::operator""ms;

struct Naming : testing::Test {
  Naming() : dns(io) {
    net::Resolver::Options options;
    options.servers = dns.server();
    options.ttl_min = 3ms;
    options.retry_first = 3ms;
    options.retry_max = 20ms;
    resolver.emplace(io, options);
    names.emplace(*resolver, [this](const EndpointState& endpoint, const std::string& error) {
      changes.push_back(endpoint.host() + (error.empty() ? " found" : " lost"));
    });
  }
  ~Naming() override {
    names.reset();
    resolver.reset();
    dns.close();
    io.restart();
    io.poll();
  }

  void apply(const std::vector<std::string>& addresses) {
    config::TargetGroup config;
    config.name = "web";
    for (const std::string& address : addresses) config.endpoints.emplace_back().address = address;
    group = std::make_unique<Group>(config, std::span<const config::Region>(), registry);
    const Group* const groups[] = {group.get()};
    names->apply(groups);
  }
  const EndpointState& at(std::size_t index) const { return *group->endpoints()[index]; }
  static net::Address address(std::string_view text) { return *net::Address::parse(text); }
  using Addresses = std::vector<net::Address>;

  net::asio::io_context io;
  net::DnsServer dns;
  std::optional<net::Resolver> resolver;
  EndpointRegistry registry;
  std::unique_ptr<Group> group;
  std::vector<std::string> changes;
  std::optional<EndpointNames> names;
};

TEST_F(Naming, makes_a_named_endpoint_usable) {
  dns.records["web.test"] = {{"10.0.0.1", "10.0.0.2"}, 60};
  apply({"web.test:80", "127.0.0.1:9001"});
  EXPECT_FALSE(at(0).usable(1));
  EXPECT_TRUE(at(1).usable(1));
  EXPECT_FALSE(names->settled());
  EXPECT_TRUE(run_until(io, [&] { return at(0).usable(1); }));
  EXPECT_TRUE(names->settled());
  EXPECT_EQ(at(0).addresses().all(), (Addresses{address("10.0.0.1:80"), address("10.0.0.2:80")}));
  EXPECT_EQ(changes, (std::vector<std::string>{"web.test found"}));
}

TEST_F(Naming, follows_an_origin_that_moves_and_keeps_the_last_answer_when_dns_fails) {
  dns.records["web.test"] = {{"10.0.0.1"}, 0};
  apply({"web.test:80"});
  EXPECT_TRUE(run_until(io, [&] { return at(0).usable(1); }));
  dns.records["web.test"] = {{"10.0.0.9"}, 0};
  EXPECT_TRUE(run_until(io, [&] { return at(0).addresses().all() == Addresses{address("10.0.0.9:80")}; }));
  dns.records.clear();
  EXPECT_TRUE(run_until(io, [&] { return changes.back() == "web.test lost"; }));
  EXPECT_EQ(at(0).addresses().all(), (Addresses{address("10.0.0.9:80")}));
  EXPECT_TRUE(at(0).usable(1));
  EXPECT_EQ(changes, (std::vector<std::string>{"web.test found", "web.test found", "web.test lost"}));
}

TEST_F(Naming, settles_on_a_bad_answer_too) {
  apply({"missing.test:80"});
  EXPECT_TRUE(run_until(io, [&] { return names->settled(); }));
  EXPECT_FALSE(at(0).usable(1));
  EXPECT_EQ(changes, (std::vector<std::string>{"missing.test lost"}));
}

TEST_F(Naming, uses_ipv4_where_there_is_both_and_ipv6_where_there_is_nothing_else) {
  dns.records["both.test"] = {{"2001:db8::1", "10.0.0.1"}, 60};
  dns.records["six.test"] = {{"2001:db8::1"}, 60};
  apply({"both.test:80", "six.test:80"});
  EXPECT_TRUE(run_until(io, [&] { return names->settled(); }));
  EXPECT_EQ(at(0).addresses().all(), (Addresses{address("10.0.0.1:80")}));
  EXPECT_EQ(at(1).addresses().all(), (Addresses{address("[2001:db8::1]:80")}));
}

TEST_F(Naming, asks_no_more_for_a_name_that_left) {
  dns.records["old.test"] = {{"10.0.0.1"}, 0};
  dns.records["new.test"] = {{"10.0.0.2"}, 60};
  apply({"old.test:80"});
  EXPECT_TRUE(run_until(io, [&] { return names->settled(); }));
  apply({"new.test:80"});
  EXPECT_TRUE(run_until(io, [&] { return names->settled(); }));
  const int questions = dns.questions;
  bool later = false;
  resolver->lookup("new.test", 80, [&](const net::Resolution&) { later = true; });
  EXPECT_TRUE(run_until(io, [&] { return later; }));
  EXPECT_LE(dns.questions, questions + 2) << "A and AAAA of the one lookup";
}

}  // namespace
}  // namespace gatehouse::upstream
