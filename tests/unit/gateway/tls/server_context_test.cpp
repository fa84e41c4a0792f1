#include "gateway/tls/server_context.hpp"

#include <gmock/gmock.h>

#include "peers.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* tls13_only = "ELBSecurityPolicy-TLS13-1-3-2021-06";

// Made once: an RSA key takes a tenth of a second.
struct Shop {
  std::shared_ptr<const Identity> standard = identity("standard", "DNS:standard.example", ec_key());
  std::shared_ptr<const Identity> exact = identity("exact", "DNS:www.shop.example", ec_key());
  std::shared_ptr<const Identity> wildcard = identity("wildcard", "DNS:*.shop.example", ec_key());
  std::shared_ptr<const Identity> both_ecdsa = identity("both-ecdsa", "DNS:both.example", ec_key());
  std::shared_ptr<const Identity> both_rsa = identity("both-rsa", "DNS:both.example", rsa_key());
  std::vector<std::shared_ptr<const Identity>> all() const { return {standard, exact, wildcard, both_ecdsa, both_rsa}; }
};

const Shop& shop() {
  static const Shop made;
  return made;
}

std::string chosen(const ServerContext& context, std::string_view name) {
  std::string names;
  for (const Identity* identity : context.choose(name)) names += identity->name() + " ";
  return names;
}

ClientSetup asking(const std::string& server_name) {
  ClientSetup setup;
  setup.server_name = server_name;
  return setup;
}

TEST(ServerContext, exact_names_come_before_wildcards_and_the_first_certificate_answers_the_rest) {
  const auto context = server(options(shop().all()));
  EXPECT_EQ(chosen(*context, "www.shop.example"), "exact ");
  EXPECT_EQ(chosen(*context, "WWW.SHOP.Example."), "exact ");
  EXPECT_EQ(chosen(*context, "api.shop.example"), "wildcard ");
  EXPECT_EQ(chosen(*context, "a.b.shop.example"), "standard ");
  EXPECT_EQ(chosen(*context, "shop.example"), "standard ");
  EXPECT_EQ(chosen(*context, ".shop.example"), "standard ");
  EXPECT_EQ(chosen(*context, "elsewhere.example"), "standard ");
  EXPECT_EQ(chosen(*context, ""), "standard ");
  EXPECT_EQ(chosen(*context, "both.example"), "both-ecdsa both-rsa ");
}

TEST(ServerContext, among_certificates_of_one_name_and_type_the_longest_key_wins) {
  const auto p256 = identity("p256", "DNS:a.example", ec_key());
  const auto p384 = identity("p384", "DNS:a.example", ec_key("P-384"));
  EXPECT_EQ(chosen(*server(options({shop().standard, p256, p384})), "a.example"), "p384 ");
  EXPECT_EQ(chosen(*server(options({shop().standard, p384, p256})), "a.example"), "p384 ");
}

TEST(ServerContext, a_client_gets_the_certificate_of_the_name_it_asks_for) {
  const auto context = server(options(shop().all()));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const auto& [name, expected] :
         {std::pair("www.shop.example", "exact"), std::pair("Api.Shop.Example", "wildcard"),
          std::pair("other.example", "standard"), std::pair("", "standard")}) {
      ClientSetup setup = asking(name);
      setup.highest = version;
      const Exchanged both = converse(context, setup);
      ASSERT_TRUE(both.client.ok) << name;
      EXPECT_EQ(both.client.common_name, expected);
      EXPECT_EQ(both.client.echoed, "ping");
      EXPECT_EQ(both.server.server_name, name);
      EXPECT_EQ(both.server.version, version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    }
  }
}

TEST(ServerContext, ecdsa_is_given_to_clients_that_can_and_rsa_to_the_others) {
  const auto context = server(options(shop().all()));
  EXPECT_EQ(converse(context, asking("both.example")).client.common_name, "both-ecdsa");
  ClientSetup old = asking("both.example");
  old.signatures = "RSA-PSS+SHA256:RSA+SHA256";
  EXPECT_EQ(converse(context, old).client.common_name, "both-rsa");
  ClientSetup rsa12 = asking("both.example");
  rsa12.highest = TLS1_2_VERSION;
  EXPECT_EQ(converse(context, rsa12).client.common_name, "both-ecdsa");
  rsa12.ciphers = "ECDHE-RSA-AES256-GCM-SHA384";
  EXPECT_EQ(converse(context, rsa12).client.common_name, "both-rsa");
}

TEST(ServerContext, the_servers_order_of_ciphers_decides) {
  const auto context = server(options({shop().standard}));
  ClientSetup setup;
  setup.suites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
  EXPECT_EQ(converse(context, setup).client.cipher, "TLS_AES_128_GCM_SHA256");
  // A client that puts ChaCha first has no AES in hardware.
  setup.suites = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
  EXPECT_EQ(converse(context, setup).client.cipher, "TLS_CHACHA20_POLY1305_SHA256");
  ClientSetup old;
  old.highest = TLS1_2_VERSION;
  old.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_EQ(converse(context, old).client.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
}

TEST(ServerContext, a_policy_refuses_versions_and_ciphers_it_does_not_allow) {
  ClientSetup tls12;
  tls12.highest = TLS1_2_VERSION;
  const Exchanged version = converse(server(options({shop().standard}, tls13_only)), tls12);
  EXPECT_FALSE(version.client.ok);
  EXPECT_EQ(version.client.alert, SSL_AD_PROTOCOL_VERSION);
  EXPECT_EQ(version.server.result.fault, HandshakeFault::protocol_version);
  tls12.ciphers = "ECDHE-ECDSA-AES128-SHA256";
  const Exchanged cipher = converse(server(options({shop().standard})), tls12);
  EXPECT_FALSE(cipher.client.ok);
  EXPECT_EQ(cipher.server.result.fault, HandshakeFault::no_shared_cipher);
  EXPECT_TRUE(converse(server(options({shop().standard}, "ELBSecurityPolicy-TLS13-1-2-2021-06")), tls12).client.ok);
}

TEST(ServerContext, a_policy_without_tls_1_3_speaks_1_2) {
  const Exchanged both = converse(server(options({shop().standard}, "ELBSecurityPolicy-FS-1-2-Res-2020-10")), {});
  EXPECT_TRUE(both.client.ok);
  EXPECT_EQ(both.server.version, "TLSv1.2");
  EXPECT_EQ(both.server.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
}

TEST(ServerContext, every_policy_serves_some_client) {
  for (const char* name : {"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
                           "ELBSecurityPolicy-RFC9151-FIPS-2023-07", "ELBSecurityPolicy-TLS-1-0-2015-04"}) {
    EXPECT_TRUE(converse(server(options({shop().standard}, name)), {}).client.ok) << name;
  }
}

TEST(ServerContext, alpn_picks_ours_refuses_strangers_and_may_be_absent) {
  const auto context = server(options({shop().standard}));
  ClientSetup setup;
  setup.protocols = std::string("\x02h2\x08http/1.1");
  const Exchanged common = converse(context, setup);
  EXPECT_EQ(common.client.protocol, "http/1.1");
  EXPECT_EQ(common.server.protocol, "http/1.1");
  setup.protocols = std::string("\x02h2");
  const Exchanged none = converse(context, setup);
  EXPECT_FALSE(none.client.ok);
  EXPECT_EQ(none.client.alert, SSL_AD_NO_APPLICATION_PROTOCOL);
  EXPECT_EQ(none.server.result.fault, HandshakeFault::no_application_protocol);
  setup.protocols.clear();
  const Exchanged silent = converse(context, setup);
  EXPECT_TRUE(silent.client.ok);
  EXPECT_EQ(silent.server.protocol, "");
}

class Resumption : public ::testing::TestWithParam<int> {
 protected:
  ServerOptions with_tickets(std::vector<std::shared_ptr<const Identity>> identities) const {
    ServerOptions made = options(std::move(identities));
    made.tickets = keys;
    return made;
  }
  ClientSetup again(const Exchanged& before, const std::string& name = "www.shop.example") const {
    ClientSetup setup = asking(name);
    setup.highest = GetParam();
    setup.session = before.client.session.get();
    return setup;
  }
  Exchanged first(const std::shared_ptr<const ServerContext>& context) const {
    Exchanged both = converse(context, again(Exchanged{}));
    EXPECT_TRUE(both.client.ok);
    EXPECT_EQ(both.client.tickets, 1);
    return both;
  }
  std::shared_ptr<TicketKeys> keys = ticket_keys();
};

TEST_P(Resumption, a_ticket_resumes) {
  const auto context = server(with_tickets(shop().all()));
  const Exchanged before = first(context);
  EXPECT_FALSE(before.server.resumed);
  const Exchanged after = converse(context, again(before));
  EXPECT_TRUE(after.client.ok);
  EXPECT_TRUE(after.client.resumed);
  EXPECT_TRUE(after.server.resumed);
  EXPECT_EQ(after.server.server_name, "www.shop.example");
}

TEST_P(Resumption, goes_on_from_connection_to_connection) {
  const auto context = server(with_tickets(shop().all()));
  Exchanged last = first(context);
  for (int i = 0; i < 4; ++i) {
    Exchanged next = converse(context, again(last));
    EXPECT_TRUE(next.server.resumed) << i;
    ASSERT_NE(next.client.session, nullptr) << i;
    last = std::move(next);
  }
}

TEST_P(Resumption, one_rotation_resumes_and_gives_a_new_ticket_two_do_not) {
  const auto context = server(with_tickets(shop().all()));
  const Exchanged before = first(context);
  keys->rotate();
  const Exchanged after = converse(context, again(before));
  EXPECT_TRUE(after.server.resumed);
  keys->rotate();
  const Exchanged old = converse(context, again(before));
  EXPECT_TRUE(old.client.ok);
  EXPECT_FALSE(old.server.resumed);
  EXPECT_TRUE(converse(context, again(after)).server.resumed);
}

TEST_P(Resumption, a_reload_keeps_tickets) {
  const Exchanged before = first(server(with_tickets(shop().all())));
  EXPECT_TRUE(converse(server(with_tickets(shop().all())), again(before)).server.resumed);
}

TEST_P(Resumption, never_crosses_listeners_policies_or_certificates) {
  const auto context = server(with_tickets(shop().all()));
  const Exchanged before = first(context);
  ServerOptions other_listener = with_tickets(shop().all());
  other_listener.listener = "internal";
  ServerOptions other_policy = with_tickets(shop().all());
  other_policy.settings.security_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
  for (const ServerOptions& other : {other_listener, other_policy, with_tickets({shop().standard})}) {
    const Exchanged crossed = converse(server(other), again(before));
    EXPECT_TRUE(crossed.client.ok);
    EXPECT_FALSE(crossed.server.resumed);
  }
  const Exchanged other_name = converse(context, again(before, "api.shop.example"));
  EXPECT_TRUE(other_name.client.ok);
  EXPECT_FALSE(other_name.server.resumed);
  EXPECT_EQ(other_name.client.common_name, "wildcard");
}

TEST_P(Resumption, can_be_turned_off) {
  ServerOptions off = with_tickets(shop().all());
  off.settings.session_tickets = false;
  const auto context = server(off);
  const Exchanged before = converse(context, again(Exchanged{}));
  EXPECT_TRUE(before.client.ok);
  EXPECT_EQ(before.client.tickets, GetParam() == TLS1_3_VERSION ? 0 : before.client.tickets);
  EXPECT_FALSE(converse(context, again(before)).server.resumed);
}

INSTANTIATE_TEST_SUITE_P(Versions, Resumption, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls12" : "tls13"; });

TEST(ServerContext, what_cannot_be_served_is_refused_with_the_reason) {
  const auto unknown = ServerContext::make(options({shop().standard}, "ELBSecurityPolicy-Best"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), "listener 'https': unknown security policy 'ELBSecurityPolicy-Best'");
  const auto none = ServerContext::make(options({}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), "listener 'https': TLS needs a certificate");
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  char bytes[4096];
  for (std::size_t n; (n = ::fread(bytes, 1, sizeof bytes, pipe)) > 0;) text.append(bytes, n);
  ::pclose(pipe);
  return text;
}

TEST(ServerContext, the_openssl_program_gets_along_with_it) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  std::string seen;
  std::thread program([&] {
    seen = output_of("printf ping | timeout 10 openssl s_client -connect 127.0.0.1:" +
                     std::to_string(ntohs(address.sin_port)) +
                     " -servername www.shop.example -alpn http/1.1 -ign_eof -nocommands 2>&1");
  });
  const int fd = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  ASSERT_GE(fd, 0);
  ServerOptions given = options(shop().all());
  given.tickets = ticket_keys();
  {
    runtime::PortSet ports;
    TlsStream stream(server(std::move(given)));
    ASSERT_TRUE(stream.port().open(ports, fd));
    const ServerOutcome outcome = run(ports, echo(stream));
    EXPECT_TRUE(outcome.result.ok());
    EXPECT_EQ(outcome.protocol, "http/1.1");
  }
  program.join();
  ::close(listening);
  EXPECT_THAT(seen, HasSubstr("CN = exact"));
  EXPECT_THAT(seen, HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(seen, HasSubstr("New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256"));
  EXPECT_THAT(seen, HasSubstr("Post-Handshake New Session Ticket arrived"));
}

}  // namespace
}  // namespace gatehouse::tls
