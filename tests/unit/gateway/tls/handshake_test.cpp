#include "gateway/tls/handshake.hpp"

#include <gtest/gtest.h>

#include <set>

#include "connection.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;

struct Refusal {
  const char* bytes;
  HandshakeFault fault;
};

TEST(Handshake, peers_that_do_not_speak_tls_are_told_apart) {
  const Refusal refusals[] = {{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", HandshakeFault::plain_http},
                              {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", HandshakeFault::plain_http},
                              {"PROPFIND / HTTP/1.1\r\n\r\n", HandshakeFault::plain_http},
                              {"SSH-2.0-OpenSSH_9.2\r\n", HandshakeFault::not_tls},
                              {"\x01\x02\x03\x04\x05\x06\x07\x08", HandshakeFault::not_tls},
                              {"\x16\x03\x01\x50\x01zzz", HandshakeFault::protocol_error},
                              {"\x16\x07\x07\x40\x01zzz", HandshakeFault::protocol_version},
                              {"", HandshakeFault::peer_closed},
                              {"\x16\x03", HandshakeFault::peer_closed}};
  for (const Refusal& refusal : refusals) {
    Connection c([&](int fd) {
      ::send(fd, refusal.bytes, std::strlen(refusal.bytes), MSG_NOSIGNAL);
      ::shutdown(fd, SHUT_WR);
      char bytes[100];
      while (::recv(fd, bytes, sizeof bytes, 0) > 0) {}
    });
    const HandshakeResult result = c.run(c.stream().handshake());
    EXPECT_EQ(handshake_fault_name(result.fault), handshake_fault_name(refusal.fault)) << refusal.bytes;
    c.stream().shut();
  }
}

TEST(Handshake, a_client_that_leaves_in_the_middle_of_the_handshake_is_peer_closed) {
  Connection c([](int fd) {
    StagedClient client(fd);
    SSL_do_handshake(client.ssl());
    client.send(client.take());
    client.receive();
  });
  EXPECT_EQ(c.run(c.stream().handshake()).fault, HandshakeFault::peer_closed);
}

TEST(Handshake, a_deadline_ends_a_handshake_that_makes_no_progress) {
  Connection c([](int fd) {
    char byte;
    (void)::recv(fd, &byte, 1, 0);
  });
  std::optional<HandshakeResult> result;
  runtime::Join<void> waiting(put(c.stream().handshake(), result));
  EXPECT_FALSE(waiting.done());
  c.stream().shut();
  c.poll_until([&] { return waiting.done(); });
  EXPECT_EQ(result->fault, HandshakeFault::peer_closed);
}

TEST(Handshake, nothing_of_tls_1_2_renegotiates) {
  int after = 0;
  Connection c([&](int fd) {
    ClientSetup setup;
    setup.highest = TLS1_2_VERSION;
    const ContextHandle context = client_context(setup);
    ClientOutcome outcome;
    const SslHandle ssl(SSL_new(context.get()));
    SSL_set_app_data(ssl.get(), &outcome);
    SSL_set_fd(ssl.get(), fd);
    ASSERT_EQ(SSL_connect(ssl.get()), 1);
    SSL_renegotiate(ssl.get());
    after = SSL_do_handshake(ssl.get());
    ERR_clear_error();
  });
  c.handshake();
  EXPECT_NE(c.run(read_all(c.stream(), 100)), "");
  c.stream().shut();
  c.join_peer();
  EXPECT_NE(after, 1);
}

TEST(Handshake, every_fault_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(HandshakeFault::internal); ++i) {
    EXPECT_TRUE(names.insert(handshake_fault_name(static_cast<HandshakeFault>(i))).second) << i;
  }
  EXPECT_EQ(names.count("unknown"), 0u);
}

}  // namespace
}  // namespace gatehouse::tls
