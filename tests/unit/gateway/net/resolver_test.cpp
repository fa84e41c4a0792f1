#include "gateway/net/resolver.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "dns_server.hpp"

namespace gatehouse::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct Resolving : testing::Test {
  Resolving() : dns(io) {
    Resolver::Options options;
    options.servers = dns.server();
    options.timeout = 2000ms;
    options.ttl_min = 3ms;
    options.retry_first = 3ms;
    options.retry_max = 20ms;
    resolver.emplace(io, options);
  }
  ~Resolving() override {
    resolver.reset();
    dns.close();
    io.restart();
    io.poll();
  }

  Resolution lookup(const std::string& host, std::uint16_t port = 80) {
    std::optional<Resolution> found;
    resolver->lookup(host, port, [&](const Resolution& resolution) { found = resolution; });
    EXPECT_FALSE(found) << "the answer came from within the call";
    EXPECT_TRUE(run_until(io, [&] { return found.has_value(); })) << host;
    return found.value_or(Resolution());
  }
  static std::vector<std::string> texts(const Resolution& resolution) {
    std::vector<std::string> list;
    char room[Address::text_max];
    for (const Address& address : resolution.addresses) list.emplace_back(address.write(room));
    return list;
  }
  using Texts = std::vector<std::string>;

  asio::io_context io;
  DnsServer dns;
  std::optional<Resolver> resolver;
};

TEST_F(Resolving, finds_both_families_ipv4_first_and_sorted) {
  dns.records["web.test"] = {{"2001:db8::1", "10.0.0.2", "10.0.0.1"}, 60};
  const Resolution found = lookup("web.test", 8080);
  EXPECT_TRUE(found.ok()) << found.error;
  EXPECT_EQ(texts(found), (Texts{"10.0.0.1:8080", "10.0.0.2:8080", "[2001:db8::1]:8080"}));
}

TEST_F(Resolving, honours_the_time_to_live_within_its_limits) {
  dns.records["web.test"] = {{"10.0.0.1"}, 60};
  EXPECT_EQ(lookup("web.test").ttl, 60s);
  dns.records["long.test"] = {{"10.0.0.1"}, 86'400};
  EXPECT_EQ(lookup("long.test").ttl, 300s);
  dns.records["short.test"] = {{"10.0.0.1"}, 0};
  EXPECT_EQ(lookup("short.test").ttl, 3ms);
}

TEST_F(Resolving, says_why_a_name_has_no_addresses) {
  const Resolution unknown = lookup("missing.test");
  EXPECT_FALSE(unknown.ok());
  EXPECT_FALSE(unknown.error.empty());
  dns.records["empty.test"] = {};
  EXPECT_FALSE(lookup("empty.test").ok());
  dns.records["broken.test"] = {{"10.0.0.1"}, 60, /*fails*/ true};
  EXPECT_FALSE(lookup("broken.test").ok());
}

TEST_F(Resolving, knows_localhost_and_numbers_without_asking) {
  const Resolution localhost = lookup("localhost", 9001);
  ASSERT_TRUE(localhost.ok()) << localhost.error;
  EXPECT_EQ(texts(localhost), (Texts{"127.0.0.1:9001", "[::1]:9001"}));
  EXPECT_EQ(texts(lookup("Shop.LOCALHOST.", 1)).front(), "127.0.0.1:1");
  EXPECT_EQ(dns.questions, 0);
  EXPECT_EQ(texts(lookup("127.0.0.9")), (Texts{"127.0.0.9:80"}));
  EXPECT_EQ(dns.questions, 0);
  EXPECT_EQ(texts(lookup("::1")), (Texts{"[::1]:80"}));
  EXPECT_EQ(dns.questions, 0);
}

TEST_F(Resolving, asks_dns_for_names_that_only_look_like_localhost) {
  dns.records["notlocalhost"] = {{"10.0.0.1"}, 60};
  EXPECT_EQ(texts(lookup("notlocalhost")), (Texts{"10.0.0.1:80"}));
}

TEST_F(Resolving, reads_the_hosts_file) {
  std::ifstream hosts("/etc/hosts");
  std::string name;
  for (std::string line, address, word; std::getline(hosts, line);) {
    std::istringstream words(line);
    if (words >> address >> word && address == "127.0.0.1" && word != "localhost") name = word;
  }
  if (name.empty()) GTEST_SKIP() << "/etc/hosts names nothing but localhost";
  EXPECT_EQ(texts(lookup(name)).front(), "127.0.0.1:80");
}

TEST_F(Resolving, follows_a_name_that_moves) {
  dns.records["web.test"] = {{"10.0.0.1"}, 0};
  std::string seen;
  int answers = 0;
  const auto following = resolver->follow("web.test", 80, [&](const Resolution& resolution) {
    ++answers;
    seen = resolution.ok() ? texts(resolution).front() : resolution.error;
  });
  EXPECT_TRUE(run_until(io, [&] { return answers >= 3; }));
  EXPECT_EQ(seen, "10.0.0.1:80");
  dns.records["web.test"] = {{"10.0.0.2"}, 0};
  EXPECT_TRUE(run_until(io, [&] { return seen == "10.0.0.2:80"; }));
}

TEST_F(Resolving, asks_again_soon_after_a_failure) {
  int failures = 0;
  bool found = false;
  const auto following = resolver->follow("web.test", 80, [&](const Resolution& resolution) {
    failures += resolution.ok() ? 0 : 1;
    found = resolution.ok();
  });
  EXPECT_TRUE(run_until(io, [&] { return failures >= 3; }));
  dns.records["web.test"] = {{"10.0.0.1"}, 60};
  EXPECT_TRUE(run_until(io, [&] { return found; }));
}

TEST_F(Resolving, stops_asking_when_the_handle_goes) {
  dns.records["web.test"] = {{"10.0.0.1"}, 0};
  int answers = 0;
  auto following = resolver->follow("web.test", 80, [&](const Resolution&) { ++answers; });
  EXPECT_TRUE(run_until(io, [&] { return answers >= 2; }));
  following.reset();
  const int before = answers;
  lookup("web.test");
  lookup("web.test");
  EXPECT_EQ(answers, before);
}

TEST_F(Resolving, may_be_let_go_from_within_an_answer) {
  dns.records["web.test"] = {{"10.0.0.1"}, 0};
  std::unique_ptr<Resolver::Following> following;
  int answers = 0;
  following = resolver->follow("web.test", 80, [&](const Resolution&) {
    ++answers;
    following.reset();
  });
  EXPECT_TRUE(run_until(io, [&] { return answers == 1; }));
  lookup("web.test");
  EXPECT_EQ(answers, 1);
}

TEST_F(Resolving, gives_up_on_a_silent_server) {
  dns.silent = true;
  Resolver::Options options;
  options.servers = dns.server();
  options.timeout = 20ms;
  options.tries = 2;
  resolver.emplace(io, options);
  const Resolution found = lookup("web.test");
  EXPECT_FALSE(found.ok());
  EXPECT_GE(dns.questions, 2);
}

TEST_F(Resolving, answers_nobody_after_its_end) {
  dns.silent = true;
  int answers = 0;
  resolver->lookup("web.test", 80, [&](const Resolution&) { ++answers; });
  const auto following = resolver->follow("other.test", 80, [&](const Resolution&) { ++answers; });
  EXPECT_TRUE(run_until(io, [&] { return dns.questions >= 2; }));
  resolver.reset();
  io.restart();
  io.poll();
  EXPECT_EQ(answers, 0);
}

TEST_F(Resolving, asks_for_many_names_at_once) {
  int answers = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "n" + std::to_string(i) + ".test";
    dns.records[name] = {{"10.0.0." + std::to_string(i)}, 60};
    resolver->lookup(name, 80, [&answers, i](const Resolution& resolution) {
      answers += texts(resolution) == Texts{"10.0.0." + std::to_string(i) + ":80"} ? 1 : 0;
    });
  }
  EXPECT_TRUE(run_until(io, [&] { return answers == 50; }));
}

TEST_F(Resolving, says_when_its_servers_are_no_addresses) {
  Resolver::Options options;
  options.servers = "not an address";
  resolver.emplace(io, options);
  EXPECT_FALSE(lookup("web.test").ok());
}

}  // namespace
}  // namespace gatehouse::net
