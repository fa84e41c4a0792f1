#include "gateway/tls/client_context.hpp"

#include <gmock/gmock.h>

#include "peers.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// An authority and what its origins show; made once.
struct Origins {
  Folder folder;
  Pair ca = issue(Asked{.common_name = "origin ca", .authority = true}, ec_key());
  std::string ca_file = folder.write("ca.pem", ca.certificate_pem());
  Pair good = issue(Asked{"origin", "DNS:origin.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1"}, ec_key(), &ca);
  Pair expired = issue(Asked{"origin", "DNS:origin.example", -48h, -24h}, ec_key(), &ca);
  Pair self_signed = issue(Asked{"origin", "DNS:origin.example"}, ec_key());
};

const Origins& origins() {
  static const Origins made;
  return made;
}

/// An origin: plain OpenSSL, echoes once. The context lives longer so that its tickets resume.
class Origin {
 public:
  explicit Origin(const Pair& shown, int highest = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), shown.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), shown.key.get());
    SSL_CTX_set_max_proto_version(context_.get(), highest);
    SSL_CTX_set_alpn_select_cb(context_.get(), on_protocols, this);
    static const unsigned char id[] = "origin";
    SSL_CTX_set_session_id_context(context_.get(), id, sizeof id);
  }
  void serve(int fd) {
    const SslHandle ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd);
    server_name.clear();
    char bytes[64];
    int n = 0;
    if (SSL_accept(ssl.get()) == 1) {
      if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) server_name = name;
      if ((n = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0) SSL_write(ssl.get(), bytes, n);
      SSL_shutdown(ssl.get());
    }
    ERR_clear_error();
  }

  std::string server_name;
  std::string offered;

 private:
  // Callback: OpenSSL dictates the parameters.
  static int on_protocols(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                          unsigned in_size, void* self) {
    static_cast<Origin*>(self)->offered.assign(reinterpret_cast<const char*>(in), in_size);
    *out = in + 1, *out_size = in[0];
    return SSL_TLSEXT_ERR_OK;
  }
  ContextHandle context_;
};

std::shared_ptr<const ClientContext> client(const config::OriginTls& settings) {
  auto made = ClientContext::make(settings);
  EXPECT_TRUE(made.has_value()) << made.error();
  return std::move(made).value();
}

config::OriginTls trusting() {
  config::OriginTls settings;
  settings.ca_file = origins().ca_file;
  return settings;
}

Task<ServerOutcome> ask(TlsStream& stream) {
  ServerOutcome outcome;
  outcome.result = co_await stream.handshake();
  if (!outcome.result.ok()) co_return std::move(outcome);
  const Facts facts = stream.facts();
  outcome.version = facts.version, outcome.protocol = facts.protocol, outcome.resumed = facts.resumed;
  (void)co_await write_all(stream, "ping");
  char bytes[64];
  const net::Io io = co_await read_some(stream, bytes);
  if (io.ok()) outcome.server_name.assign(bytes, io.size());
  co_return std::move(outcome);
}

ServerOutcome visit(Origin& origin, const std::shared_ptr<const ClientContext>& context, std::string_view host,
                    SessionSlot* slot = nullptr) {
  const Ends ends;
  Peer peer(ends.theirs, [&](int fd) { origin.serve(fd); });
  runtime::PortSet ports;
  TlsStream stream(context, host, slot);
  EXPECT_TRUE(stream.port().open(ports, ends.ours));
  ServerOutcome outcome = run(ports, ask(stream));
  stream.shut();
  peer.join();
  return outcome;
}

std::string_view fault(const Pair& shown, const config::OriginTls& settings, std::string_view host) {
  Origin origin(shown);
  return handshake_fault_name(visit(origin, client(settings), host).result.fault);
}

TEST(ClientContext, an_origin_with_the_right_name_and_authority_is_trusted) {
  Origin origin(origins().good);
  const ServerOutcome outcome = visit(origin, client(trusting()), "Origin.Example");
  EXPECT_TRUE(outcome.result.ok());
  EXPECT_EQ(outcome.server_name, "ping");
  EXPECT_EQ(outcome.version, "TLSv1.3");
  EXPECT_EQ(outcome.protocol, "http/1.1");
  EXPECT_EQ(origin.server_name, "origin.example");
  EXPECT_EQ(origin.offered, "\x08http/1.1");
}

TEST(ClientContext, names_and_addresses_are_checked) {
  EXPECT_EQ(fault(origins().good, trusting(), "a.wild.example"), "none");
  EXPECT_EQ(fault(origins().good, trusting(), "127.0.0.1"), "none");
  EXPECT_EQ(fault(origins().good, trusting(), "::1"), "none");
  EXPECT_EQ(fault(origins().good, trusting(), "other.example"), "name_mismatch");
  EXPECT_EQ(fault(origins().good, trusting(), "a.b.wild.example"), "name_mismatch");
  EXPECT_EQ(fault(origins().good, trusting(), "127.0.0.2"), "name_mismatch");
}

TEST(ClientContext, an_address_is_not_sent_as_a_name) {
  Origin origin(origins().good);
  EXPECT_TRUE(visit(origin, client(trusting()), "127.0.0.1").result.ok());
  EXPECT_EQ(origin.server_name, "");
}

TEST(ClientContext, origins_that_prove_nothing_are_refused) {
  EXPECT_EQ(fault(origins().self_signed, trusting(), "origin.example"), "self_signed");
  EXPECT_EQ(fault(origins().expired, trusting(), "origin.example"), "certificate_expired");
  EXPECT_EQ(fault(origins().good, config::OriginTls{}, "origin.example"), "unknown_ca");
}

TEST(ClientContext, a_pinned_certificate_is_trusted_without_an_authority) {
  config::OriginTls settings;
  settings.ca_file = origins().folder.write("pinned.pem", origins().self_signed.certificate_pem());
  EXPECT_EQ(fault(origins().self_signed, settings, "origin.example"), "none");
  EXPECT_NE(fault(origins().good, settings, "origin.example"), "none");
}

TEST(ClientContext, without_verification_anything_goes_as_with_alb) {
  config::OriginTls settings;
  settings.verify = false;
  EXPECT_EQ(fault(origins().self_signed, settings, "elsewhere.example"), "none");
  EXPECT_EQ(fault(origins().expired, settings, "elsewhere.example"), "none");
}

TEST(ClientContext, the_configured_server_name_stands_for_the_endpoints) {
  config::OriginTls settings = trusting();
  settings.server_name = "origin.example";
  Origin origin(origins().good);
  EXPECT_TRUE(visit(origin, client(settings), "10.0.0.7").result.ok());
  EXPECT_EQ(origin.server_name, "origin.example");
}

TEST(ClientContext, an_origin_that_speaks_plain_http_is_told) {
  const Ends ends;
  Peer peer(ends.theirs, [](int fd) {
    const std::string reply = "HTTP/1.1 400 Bad Request\r\n\r\n";
    ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    char bytes[1000];
    while (::recv(fd, bytes, sizeof bytes, 0) > 0) {}
  });
  runtime::PortSet ports;
  TlsStream stream(client(trusting()), "origin.example", nullptr);
  ASSERT_TRUE(stream.port().open(ports, ends.ours));
  EXPECT_EQ(run(ports, stream.handshake()).fault, HandshakeFault::plain_http);
  stream.shut();
}

TEST(ClientContext, a_ca_file_that_is_none_is_refused_by_name) {
  config::OriginTls settings;
  settings.ca_file = "/nowhere/ca.pem";
  const auto made = ClientContext::make(settings);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), HasSubstr("ca_file /nowhere/ca.pem: "));
}

class OriginSessions : public ::testing::TestWithParam<int> {};

TEST_P(OriginSessions, the_next_connection_resumes_even_when_the_last_was_just_closed) {
  Origin origin(origins().good, GetParam());
  SessionSlot slot;
  const auto context = client(trusting());
  EXPECT_FALSE(visit(origin, context, "origin.example", &slot).resumed);
  EXPECT_FALSE(slot.empty());
  for (int i = 0; i < 3; ++i) {
    const ServerOutcome next = visit(origin, context, "origin.example", &slot);
    EXPECT_TRUE(next.result.ok());
    EXPECT_TRUE(next.resumed);
  }
}

TEST_P(OriginSessions, never_carry_over_to_another_name_or_context) {
  Origin origin(origins().good, GetParam());
  config::OriginTls blind;
  blind.verify = false;
  SessionSlot slot;
  ASSERT_TRUE(visit(origin, client(blind), "elsewhere.example", &slot).result.ok());
  ASSERT_FALSE(slot.empty());
  // A session that was not verified must not open a connection that has to be.
  EXPECT_EQ(visit(origin, client(trusting()), "elsewhere.example", &slot).result.fault, HandshakeFault::name_mismatch);
  EXPECT_TRUE(slot.empty());
  const auto context = client(trusting());
  ASSERT_TRUE(visit(origin, context, "origin.example", &slot).result.ok());
  EXPECT_FALSE(visit(origin, context, "127.0.0.1", &slot).resumed);
}

TEST_P(OriginSessions, a_session_the_origin_forgot_costs_a_full_handshake_only) {
  SessionSlot slot;
  const auto context = client(trusting());
  Origin first(origins().good, GetParam());
  ASSERT_TRUE(visit(first, context, "origin.example", &slot).result.ok());
  Origin restarted(origins().good, GetParam());
  const ServerOutcome outcome = visit(restarted, context, "origin.example", &slot);
  EXPECT_TRUE(outcome.result.ok());
  EXPECT_FALSE(outcome.resumed);
}

INSTANTIATE_TEST_SUITE_P(Versions, OriginSessions, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls12" : "tls13"; });

}  // namespace
}  // namespace gatehouse::tls
