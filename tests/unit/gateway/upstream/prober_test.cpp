#include "gateway/upstream/prober.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <optional>

#include "gateway/tls/development_certificate.hpp"
#include "origin.hpp"

namespace gatehouse::upstream {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// A prober with quick checks, and what it said.
struct Probing : testing::Test {
  Probing()
      : prober(
            io, [this](const HealthEvent& event) { heard(event); }, options()) {
    prober.on_probe([this](const EndpointState& endpoint, Probe probe, HealthReason why) {
      ++probes[endpoint.port()];
      if (probe == Probe::failed) last_failure = why;
    });
  }
  ~Probing() override {
    prober.stop();
    run_until(io, [this] { return io.stopped() || io.poll_one() == 0; });
  }

  static Prober::Options options() {
    Prober::Options options;
    options.first_probes_within = 0ms;
    return options;
  }
  static config::HealthCheck quick() {
    config::HealthCheck check;
    check.interval = 5ms;
    check.timeout = 10s;
    check.path = "/healthz?full=1";
    return check;
  }

  void heard(const HealthEvent& event) {
    events.push_back(std::string(health_name(event.from)) + " > " + std::string(health_name(event.to)) + " " +
                     std::string(health_reason_code(event.reason)));
  }
  void apply(const config::HealthCheck& check, const std::vector<std::string>& addresses) {
    config::TargetGroup config;
    config.name = "web";
    config.health_check = check;
    for (const std::string& address : addresses) config.endpoints.emplace_back().address = address;
    group = std::make_unique<Group>(config, std::span<const config::Region>(), registry);
    const Group* const groups[] = {group.get()};
    registry.put_in_force(groups, 1);
    prober.apply(groups);
  }
  const EndpointState& first() const { return *group->endpoints()[0]; }
  bool reaches(Health health) {
    return run_until(io, [&] { return first().health() == health; });
  }
  bool probed(std::uint16_t port, int times) {
    const int until = probes[port] + times;
    return run_until(io, [&] { return probes[port] >= until; });
  }

  /// An origin that lives until the last of its sessions has ended.
  Origin& listen(asio::ssl::context* tls = nullptr) { return origins.emplace_back(io, tls); }

  asio::io_context io;
  asio::ssl::context server{asio::ssl::context::tls_server};
  std::deque<Origin> origins;
  EndpointRegistry registry;
  std::unique_ptr<Group> group;
  std::vector<std::string> events;
  std::map<int, int> probes;
  HealthReason last_failure{HealthReason::none};
  Prober prober;
};

using Events = std::vector<std::string>;

TEST_F(Probing, finds_an_answering_endpoint_healthy_after_one_probe) {
  Origin& origin = listen();
  apply(quick(), {origin.address()});
  EXPECT_FALSE(prober.settled());
  EXPECT_TRUE(reaches(Health::healthy));
  EXPECT_TRUE(prober.settled());
  EXPECT_EQ(events, (Events{"initial > healthy "}));
  EXPECT_EQ(probes[origin.port()], 1);
  EXPECT_EQ(first().health_report().status, 200);
  EXPECT_EQ(origin.last_request, "GET /healthz?full=1 HTTP/1.1\r\nHost: " + origin.address() +
                                     "\r\nUser-Agent: Gatehouse-HealthChecker/" + std::string(runtime::version) +
                                     "\r\nAccept: */*\r\n"
                                     "Connection: close\r\n\r\n");
}

TEST_F(Probing, closes_the_connection_after_each_probe) {
  Origin& origin = listen();
  apply(quick(), {origin.address()});
  EXPECT_TRUE(probed(origin.port(), 5));
  EXPECT_TRUE(run_until(io, [&] { return origin.ended >= 5; }));
  EXPECT_LE(origin.accepted - origin.ended, 1);
}

TEST_F(Probing, follows_a_flapping_endpoint_by_the_thresholds) {
  Origin& origin = listen();
  config::HealthCheck check = quick();
  check.unhealthy_threshold = 2;
  check.healthy_threshold = 3;
  apply(check, {origin.address()});
  ASSERT_TRUE(reaches(Health::healthy));
  const std::string good = origin.reply;
  origin.reply = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
  ASSERT_TRUE(reaches(Health::unhealthy));
  EXPECT_FALSE(first().usable(0));
  EXPECT_EQ(first().health_report().status, 503);
  const int before = probes[origin.port()];
  origin.reply = good;
  ASSERT_TRUE(reaches(Health::healthy));
  EXPECT_GE(probes[origin.port()] - before, 3);
  EXPECT_TRUE(first().usable(0));
  EXPECT_EQ(events,
            (Events{"initial > healthy ", "healthy > unhealthy Target.ResponseCodeMismatch", "unhealthy > healthy "}));
}

TEST_F(Probing, takes_what_the_matcher_names_for_success) {
  Origin& origin = listen();
  origin.reply = "HTTP/1.0 404 Nope\r\n\r\n";
  config::HealthCheck check = quick();
  check.matcher = "200-299,404";
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::healthy));
}

TEST_F(Probing, skips_interim_responses) {
  Origin& origin = listen();
  origin.reply = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
  apply(quick(), {origin.address()});
  EXPECT_TRUE(reaches(Health::healthy));
}

TEST_F(Probing, gives_up_on_nothing_but_interim_responses) {
  Origin& origin = listen();
  origin.reply.clear();
  for (int i = 0; i < 20; ++i) origin.reply += "HTTP/1.1 100 Continue\r\n\r\n";
  apply(quick(), {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(last_failure, HealthReason::failed_health_checks);
}

TEST_F(Probing, finds_a_refused_connection_unhealthy) {
  Origin& origin = listen();
  const std::string address = origin.address();
  origin.close();
  apply(quick(), {address});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(first().health_report().reason, HealthReason::failed_health_checks);
}

TEST_F(Probing, finds_a_reset_connection_unhealthy) {
  Origin& origin = listen();
  origin.behaviour = Behaviour::reset;
  apply(quick(), {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(last_failure, HealthReason::failed_health_checks);
}

TEST_F(Probing, finds_garbage_unhealthy) {
  Origin& origin = listen();
  for (const char* garbage :
       {"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nbad\x01: x\r\n\r\n"}) {
    origin.reply = garbage;
    apply(quick(), {origin.address()});
    EXPECT_TRUE(reaches(Health::unhealthy)) << garbage;
    EXPECT_EQ(last_failure, HealthReason::failed_health_checks) << garbage;
    apply(quick(), {});
  }
}

TEST_F(Probing, times_out_on_a_silent_endpoint) {
  Origin& origin = listen();
  origin.behaviour = Behaviour::silent;
  config::HealthCheck check = quick();
  check.timeout = 30ms;
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(first().health_report().reason, HealthReason::timeout);
}

TEST_F(Probing, times_out_on_a_head_that_drips) {
  Origin& origin = listen();
  origin.behaviour = Behaviour::drip;
  config::HealthCheck check = quick();
  check.timeout = 60ms;
  check.unhealthy_threshold = 1;
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(first().health_report().reason, HealthReason::timeout);
  EXPECT_GT(origin.bytes_sent, 0u);
}

TEST_F(Probing, reads_no_more_of_an_endless_head_than_its_bound) {
  Origin& origin = listen();
  origin.behaviour = Behaviour::endless_head;
  config::HealthCheck check = quick();
  check.unhealthy_threshold = 1;
  check.interval = 60s;
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(first().health_report().reason, HealthReason::failed_health_checks);
  // What the sockets' own buffers hold was sent as well, but it does not go on.
  EXPECT_TRUE(run_until(io, [&] { return origin.ended == 1; }));
  EXPECT_LT(origin.bytes_sent, 16u << 20);
}

TEST_F(Probing, is_content_with_a_connection_when_that_is_the_check) {
  Origin& origin = listen();
  config::HealthCheck check = quick();
  check.protocol = config::HealthProtocol::tcp;
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::healthy));
  EXPECT_EQ(first().health_report().status, 0);
  EXPECT_EQ(origin.last_request, "");
}

TEST_F(Probing, asks_another_port_when_told_to) {
  Origin& traffic = listen();
  Origin& health = listen();
  config::HealthCheck check = quick();
  check.port = health.port();
  apply(check, {traffic.address()});
  EXPECT_TRUE(reaches(Health::healthy));
  EXPECT_EQ(traffic.accepted, 0);
  EXPECT_NE(health.last_request.find("Host: " + health.address()), std::string::npos);
}

TEST_F(Probing, checks_all_endpoints_side_by_side) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 20; ++i) {
    Origin& origin = listen();
    origin.behaviour = i == 0 ? Behaviour::silent : Behaviour::answer;
    addresses.push_back(origin.address());
  }
  config::HealthCheck check = quick();
  check.interval = 60s;
  apply(check, addresses);
  const auto healthy = [&] {
    int count = 0;
    for (const EndpointState* endpoint : group->endpoints()) count += endpoint->health() == Health::healthy ? 1 : 0;
    return count;
  };
  EXPECT_TRUE(run_until(io, [&] { return healthy() == 19; })) << "one silent endpoint keeps nobody else waiting";
}

TEST_F(Probing, keeps_what_it_knows_over_a_reload) {
  Origin& origin = listen();
  Origin& added = listen();
  apply(quick(), {origin.address()});
  ASSERT_TRUE(reaches(Health::healthy));
  config::HealthCheck changed = quick();
  changed.path = "/new";
  apply(changed, {origin.address(), added.address()});
  EXPECT_EQ(first().health(), Health::healthy);
  EXPECT_EQ(prober.loops(), 2u);
  EXPECT_TRUE(run_until(io, [&] { return origin.last_request.starts_with("GET /new "); }));
  EXPECT_EQ(events.front(), "initial > healthy ");
  EXPECT_TRUE(run_until(io, [&] { return added.accepted > 0; }));
}

TEST_F(Probing, takes_up_a_shorter_interval_at_once) {
  Origin& origin = listen();
  config::HealthCheck rare = quick();
  rare.interval = 300s;
  apply(rare, {origin.address()});
  ASSERT_TRUE(reaches(Health::healthy));
  apply(quick(), {origin.address()});
  EXPECT_TRUE(probed(origin.port(), 3));
}

TEST_F(Probing, stops_asking_an_endpoint_that_left) {
  Origin& gone = listen();
  Origin& kept = listen();
  gone.behaviour = Behaviour::silent;
  apply(quick(), {gone.address(), kept.address()});
  ASSERT_TRUE(run_until(io, [&] { return gone.accepted == 1 && !gone.last_request.empty(); }));
  apply(quick(), {kept.address()});
  EXPECT_EQ(prober.loops(), 1u);
  EXPECT_TRUE(run_until(io, [&] { return gone.ended == 1; })) << "the probe under way is given up";
  EXPECT_TRUE(probed(kept.port(), 5));
  EXPECT_EQ(gone.accepted, 1);
}

TEST_F(Probing, serves_without_checks_when_they_are_off) {
  Origin& origin = listen();
  config::HealthCheck off = quick();
  off.enabled = false;
  apply(off, {origin.address()});
  EXPECT_EQ(prober.loops(), 0u);
  EXPECT_EQ(first().health(), Health::unavailable);
  EXPECT_EQ(first().health_report().reason, HealthReason::health_check_disabled);
  EXPECT_TRUE(first().usable(0));
  apply(quick(), {origin.address()});
  EXPECT_TRUE(reaches(Health::healthy));
}

TEST_F(Probing, finds_a_name_without_addresses_unhealthy) {
  apply(quick(), {"nowhere.invalid:80"});
  EXPECT_TRUE(reaches(Health::unhealthy));
}

TEST_F(Probing, can_end_while_probes_are_under_way) {
  Origin& origin = listen();
  origin.behaviour = Behaviour::silent;
  std::optional<Prober> brief(std::in_place, io, Prober::OnChange(), options());
  config::TargetGroup config;
  config.health_check = quick();
  config.endpoints.emplace_back().address = origin.address();
  const Group one(config, {}, registry);
  const Group* const groups[] = {&one};
  brief->apply(groups);
  ASSERT_TRUE(run_until(io, [&] { return origin.accepted == 1; }));
  brief.reset();
  EXPECT_TRUE(run_until(io, [&] { return origin.ended == 1; }));
}

/// An origin with a certificate that nobody trusts.
struct ProbingOverTls : Probing {
  ProbingOverTls() : folder(testing::TempDir() + "gatehouse_prober_" + std::to_string(::getpid())) {
    const auto made = tls::development_certificate(folder, std::chrono::system_clock::now());
    EXPECT_TRUE(made) << (made ? "" : made.error());
    if (!made) return;
    server.use_certificate_chain_file(made->certificate_file);
    server.use_private_key_file(made->private_key_file, asio::ssl::context::pem);
  }
  ~ProbingOverTls() override { std::filesystem::remove_all(folder); }
  static config::HealthCheck https() {
    config::HealthCheck check = quick();
    check.protocol = config::HealthProtocol::https;
    return check;
  }
  std::string folder;
};

TEST_F(ProbingOverTls, does_not_ask_who_the_endpoint_is) {
  Origin& origin = listen(&server);
  apply(https(), {origin.address()});
  EXPECT_TRUE(reaches(Health::healthy));
  EXPECT_EQ(first().health_report().status, 200);
  EXPECT_TRUE(origin.last_request.starts_with("GET /healthz?full=1 HTTP/1.1\r\n"));
}

TEST_F(ProbingOverTls, finds_an_endpoint_without_tls_unhealthy) {
  Origin& origin = listen();
  config::HealthCheck check = https();
  check.timeout = 200ms;  // a plain origin waits for the end of a head that never comes
  apply(check, {origin.address()});
  EXPECT_TRUE(reaches(Health::unhealthy));
}

TEST_F(ProbingOverTls, times_out_in_the_handshake) {
  tcp::acceptor mute(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));  // the kernel accepts; nobody answers
  config::HealthCheck check = https();
  check.timeout = 50ms;
  apply(check, {"127.0.0.1:" + std::to_string(mute.local_endpoint().port())});
  EXPECT_TRUE(reaches(Health::unhealthy));
  EXPECT_EQ(last_failure, HealthReason::timeout);
}

}  // namespace
}  // namespace gatehouse::upstream
