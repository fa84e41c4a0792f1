#include "gateway/tls/stream.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <future>
#include <set>

#include "peers.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;
using net::Io;

std::shared_ptr<const ServerContext> plain_server() {
  static const auto made = server(options({identity("localhost", "DNS:localhost", ec_key())}));
  return made;
}

/// One of our streams as the server, its peer on a thread.
class Connection {
 public:
  explicit Connection(std::function<void(int)> peer, int buffer_bytes = 0)
      : ends_(buffer_bytes), peer_(ends_.theirs, std::move(peer)), stream_(plain_server()) {
    EXPECT_TRUE(stream_.port().open(ports_, ends_.ours));
  }
  /// The peer first: it may wait for our end to close.
  ~Connection() {
    stream_.shut();
    peer_.join();
  }
  TlsStream& stream() { return stream_; }
  template <class T>
  T run(Task<T> task) { return testing::run(ports_, std::move(task)); }
  void handshake() { ASSERT_TRUE(run(stream_.handshake()).ok()); }
  void poll_until(const std::function<bool()>& done) { drive(ports_, done); }
  void join_peer() { peer_.join(); }

 private:
  Ends ends_;
  runtime::PortSet ports_;
  Peer peer_;
  TlsStream stream_;
};

/// A peer that speaks TLS as a client; `work` gets the connection after the handshake.
std::function<void(int)> tls_peer(std::function<void(SSL*)> work) {
  return [work = std::move(work)](int fd) {
    const ContextHandle context = client_context({});
    ClientOutcome outcome;
    const SslHandle ssl(SSL_new(context.get()));
    SSL_set_app_data(ssl.get(), &outcome);
    SSL_set_fd(ssl.get(), fd);
    if (SSL_connect(ssl.get()) == 1) work(ssl.get());
    ERR_clear_error();
  };
}

bool write_fully(SSL* ssl, const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const int n = SSL_write(ssl, bytes.data() + at, static_cast<int>(std::min<std::size_t>(bytes.size() - at, 100000)));
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

std::string read_fully(SSL* ssl) {
  std::string all;
  char bytes[3000];
  for (int n; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) all.append(bytes, static_cast<std::size_t>(n));
  ERR_clear_error();
  return all;
}

/// Until our end shuts.
void hold(SSL* ssl) {
  pollfd shut{SSL_get_fd(ssl), POLLRDHUP, 0};
  ::poll(&shut, 1, 10000);
}

/// A client whose bytes are sent when and how the test wants.
class StagedClient {
 public:
  explicit StagedClient(int fd, int lowest = TLS1_2_VERSION)
      : fd_(fd), context_(client_context(ClientSetup{.lowest = lowest})), ssl_(SSL_new(context_.get())) {
    SSL_set_app_data(ssl_.get(), &outcome_);
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }
  SSL* ssl() { return ssl_.get(); }
  /// What is waiting to be sent.
  std::string take() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl()), &bytes);
    std::string all(bytes, static_cast<std::size_t>(size));
    (void)BIO_reset(SSL_get_wbio(ssl()));
    return all;
  }
  void send(const std::string& bytes, std::size_t step = std::string::npos) {
    for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size() - at)) {
      if (::send(fd_, bytes.data() + at, std::min(step, bytes.size() - at), MSG_NOSIGNAL) < 0) return;
    }
  }
  bool receive() {
    char bytes[20000];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    return n > 0 && BIO_write(SSL_get_rbio(ssl()), bytes, static_cast<int>(n)) == n;
  }
  /// Up to Finished, which is not sent yet; everything before it goes out in steps of that many bytes.
  bool connect(std::size_t step = std::string::npos) {
    while (SSL_do_handshake(ssl()) != 1) {
      send(take(), step);
      if (!receive()) return false;
    }
    return true;
  }

 private:
  int fd_;
  ContextHandle context_;
  SslHandle ssl_;
  ClientOutcome outcome_;
};

/// Bytes whose order shows.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

Task<std::string> read_all(net::Stream& stream, std::size_t space_bytes) {
  std::string all;
  std::vector<char> space(space_bytes);
  for (;;) {
    const Io io = co_await read_some(stream, space);
    if (!io.ok()) {
      if (!io.end()) all += " failed " + std::to_string(io.os_error());
      co_return std::move(all);
    }
    all.append(space.data(), io.size());
  }
}

TEST(TlsStream, large_bodies_arrive_whole_through_tiny_socket_buffers) {
  const std::string body = pattern(3'000'000);
  for (const std::size_t space : {1000u, 16384u, 100000u}) {
    Connection c(tls_peer([&](SSL* ssl) {
                   write_fully(ssl, body);
                   SSL_shutdown(ssl);
                 }),
                 4608);
    c.handshake();
    EXPECT_TRUE(c.run(read_all(c.stream(), space)) == body) << space;
  }
}

TEST(TlsStream, large_replies_are_written_whole_through_tiny_socket_buffers) {
  const std::string body = pattern(3'000'000);
  std::string seen;
  Connection c(tls_peer([&](SSL* ssl) { seen = read_fully(ssl); }), 4608);
  c.handshake();
  EXPECT_TRUE(c.run(write_all(c.stream(), body)));
  c.stream().finish_writing();
  c.join_peer();
  EXPECT_TRUE(seen == body);
}

Task<bool> write_moving(net::Stream& stream, const std::string& body, std::size_t& blocked) {
  std::size_t at = 0;
  while (at < body.size()) {
    // Another buffer, other pieces and another length each time, but always the same bytes in front.
    const std::size_t size = std::min(body.size() - at, std::size_t(40000) + blocked % 7);
    const std::string copy = body.substr(at, size);
    const std::size_t cut = size / (2 + blocked % 3);
    iovec pieces[3] = {{const_cast<char*>(copy.data()), cut},
                       {nullptr, 0},
                       {const_cast<char*>(copy.data()) + cut, size - cut}};
    const Io io = stream.write(pieces);
    if (io.ok()) {
      at += io.size();
    } else if (io.would_block()) {
      ++blocked;
      co_await stream.writable();
    } else {
      co_return false;
    }
  }
  co_return true;
}

TEST(TlsStream, a_blocked_write_may_come_again_from_another_buffer) {
  const std::string body = pattern(1'000'000);
  std::string seen;
  std::size_t blocked = 0;
  Connection c(tls_peer([&](SSL* ssl) { seen = read_fully(ssl); }), 4608);
  c.handshake();
  EXPECT_TRUE(c.run(write_moving(c.stream(), body, blocked)));
  EXPECT_GT(blocked, 10u);
  c.stream().finish_writing();
  c.join_peer();
  EXPECT_TRUE(seen == body);
}

TEST(TlsStream, a_blocked_write_that_comes_again_with_less_is_an_error) {
  const std::string body = pattern(1'000'000);
  Connection c(tls_peer(hold), 4608);  // a peer that never reads
  c.handshake();
  iovec piece{const_cast<char*>(body.data()), 16384};
  while (c.stream().write({&piece, 1}).ok()) {}
  c.stream().port().out = true;
  piece.iov_len = 100;
  EXPECT_EQ(c.stream().write({&piece, 1}).os_error(), EINVAL);
}

Task<bool> both_ways(TlsStream& stream, const std::string& body, std::string& seen) {
  runtime::Join<bool> writing(write_all(stream, body));
  char space[5000];
  while (seen.size() < body.size()) {
    const Io io = co_await read_some(stream, space);
    if (!io.ok()) break;
    seen.append(space, io.size());
  }
  const bool written = co_await writing.join();
  stream.finish_writing();
  co_return written;
}

TEST(TlsStream, both_directions_flow_at_once) {
  const std::string body = pattern(1'000'000);
  std::string ours;
  std::string theirs;
  Connection c(tls_peer([&](SSL* ssl) {
                 for (std::size_t at = 0; at < body.size();) {
                   write_fully(ssl, body.substr(at, 50000));
                   at += 50000;
                   char bytes[50000];
                   for (std::size_t got = 0; got < 50000;) {
                     const int n = SSL_read(ssl, bytes, static_cast<int>(50000 - got));
                     if (n <= 0) return;
                     got += static_cast<std::size_t>(n);
                     theirs.append(bytes, static_cast<std::size_t>(n));
                   }
                 }
               }),
               4608);
  c.handshake();
  EXPECT_TRUE(c.run(both_ways(c.stream(), body, ours)));
  c.join_peer();
  EXPECT_TRUE(ours == body);
  EXPECT_TRUE(theirs == body);
}

Task<int> count_reads(net::Stream& stream, std::size_t bytes) {
  char space[64];
  int reads = 0;
  for (std::size_t got = 0; got < bytes; ++reads) {
    const Io io = co_await read_some(stream, space);
    if (!io.ok()) break;
    got += io.size();
  }
  co_return reads;
}

TEST(TlsStream, bytes_that_openssl_holds_after_the_socket_is_empty_stay_readable) {
  // One record of 10000 bytes, read in pieces of 64: the socket is empty after the first, no edge will come again.
  Connection c(tls_peer([](SSL* ssl) {
    write_fully(ssl, std::string(10000, 'x'));
    hold(ssl);
  }));
  c.handshake();
  EXPECT_EQ(c.run(count_reads(c.stream(), 10000)), 157);
  char byte;
  EXPECT_TRUE(c.stream().read({&byte, 1}).would_block());
  EXPECT_FALSE(c.stream().port().in);
}

TEST(TlsStream, a_request_that_comes_with_the_clients_finished_is_readable_at_once) {
  Connection c([](int fd) {
    StagedClient client(fd);
    ASSERT_TRUE(client.connect());
    SSL_write(client.ssl(), "hello", 5);
    client.send(client.take());
    pollfd shut{fd, POLLRDHUP, 0};
    ::poll(&shut, 1, 10000);
  });
  c.handshake();
  char bytes[16];
  EXPECT_EQ(c.stream().read(bytes).size(), 5u);
}

TEST(TlsStream, a_handshake_and_a_request_may_drip_in_byte_by_byte) {
  Connection c([](int fd) {
    StagedClient client(fd);
    ASSERT_TRUE(client.connect(1));
    SSL_write(client.ssl(), "hello", 5);
    SSL_shutdown(client.ssl());
    client.send(client.take(), 1);
  });
  c.handshake();
  EXPECT_EQ(c.run(read_all(c.stream(), 100)), "hello");
}

TEST(TlsStream, close_notify_is_the_end_and_everything_else_is_not) {
  {
    Connection c(tls_peer([](SSL* ssl) { SSL_write(ssl, "all", 3), SSL_shutdown(ssl); }));
    c.handshake();
    EXPECT_EQ(c.run(read_all(c.stream(), 100)), "all");
    char byte;
    EXPECT_TRUE(c.stream().read({&byte, 1}).end());
    EXPECT_FALSE(c.stream().usable());
  }
  Connection c(tls_peer([](SSL* ssl) { SSL_write(ssl, "par", 3); }));
  c.handshake();
  EXPECT_EQ(c.run(read_all(c.stream(), 100)), "par failed " + std::to_string(truncated));
  char byte;
  EXPECT_EQ(c.stream().read({&byte, 1}).os_error(), truncated);
  EXPECT_FALSE(c.stream().usable());
}

TEST(TlsStream, bytes_that_break_the_protocol_are_an_error_behind_those_that_do_not) {
  Connection c(tls_peer([](SSL* ssl) {
    SSL_write(ssl, "good", 4);
    ::send(SSL_get_fd(ssl), "this is not a record", 20, MSG_NOSIGNAL);
    hold(ssl);
  }));
  c.handshake();
  EXPECT_EQ(c.run(read_all(c.stream(), 100)), "good failed " + std::to_string(EPROTO));
}

TEST(TlsStream, writing_to_a_peer_that_is_gone_is_an_error_and_no_signal) {
  Connection c(tls_peer([](SSL*) {}));
  c.handshake();
  c.join_peer();
  const std::string body = pattern(100000);
  EXPECT_FALSE(c.run(write_all(c.stream(), body)));
  c.stream().finish_writing();
}

TEST(TlsStream, finish_writing_lets_the_peer_see_the_end_and_still_be_read) {
  std::string seen;
  Connection c(tls_peer([&](SSL* ssl) {
    seen = read_fully(ssl);
    seen += SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN ? " end" : " cut";
    SSL_write(ssl, "later", 5);
    SSL_shutdown(ssl);
  }));
  c.handshake();
  EXPECT_TRUE(c.run(write_all(c.stream(), "bye")));
  c.stream().finish_writing();
  EXPECT_EQ(c.run(read_all(c.stream(), 100)), "later");
  c.join_peer();
  EXPECT_EQ(seen, "bye end");
}

TEST(TlsStream, a_head_and_a_small_body_travel_in_one_record) {
  std::vector<int> records;
  Connection c(tls_peer([&](SSL* ssl) {
    char bytes[20000];
    for (int n; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) records.push_back(n);
  }));
  c.handshake();
  std::string head(300, 'h');
  std::string body(40000, 'b');
  iovec small[2] = {{head.data(), head.size()}, {body.data(), 1024}};
  EXPECT_EQ(c.stream().write(small).size(), 1324u);
  iovec large[2] = {{head.data(), head.size()}, {body.data(), body.size()}};
  EXPECT_EQ(c.stream().write(large).size(), 40300u);
  c.stream().finish_writing();
  c.join_peer();
  EXPECT_THAT(records, ::testing::ElementsAre(1324, 16384, 16384, 40300 - 2 * 16384));
}

TEST(TlsStream, a_key_update_is_answered_with_the_next_write) {
  std::string seen;
  Connection c([&](int fd) {
    StagedClient client(fd, TLS1_3_VERSION);
    ASSERT_TRUE(client.connect());
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
      SSL_write(client.ssl(), "ask", 3);
      client.send(client.take());
    }
    char bytes[1000];
    while (client.receive()) {
      for (int n; (n = SSL_read(client.ssl(), bytes, sizeof bytes)) > 0;) seen.append(bytes, static_cast<std::size_t>(n));
    }
  });
  c.handshake();
  EXPECT_GE(c.run(count_reads(c.stream(), 9)), 1);
  EXPECT_TRUE(c.run(write_all(c.stream(), "answer")));
  EXPECT_TRUE(c.run(write_all(c.stream(), " and more")));
  c.stream().finish_writing();
  c.join_peer();
  EXPECT_EQ(seen, "answer and more");
}

TEST(TlsStream, a_pooled_connection_is_usable_until_something_comes) {
  std::promise<void> asked;
  Connection c(tls_peer([&](SSL* ssl) {
    asked.get_future().wait();
    SSL_write(ssl, "surprise", 8);
    hold(ssl);
  }));
  EXPECT_FALSE(c.stream().usable());
  c.handshake();
  EXPECT_TRUE(c.stream().usable());
  EXPECT_FALSE(c.stream().port().in) << "knows without a system call from here on";
  EXPECT_TRUE(c.stream().usable());
  asked.set_value();
  c.poll_until([&] { return c.stream().port().in; });
  EXPECT_FALSE(c.stream().usable());
}

struct Refusal {
  const char* bytes;
  HandshakeFault fault;
};

TEST(TlsStream, peers_that_do_not_speak_tls_are_told_apart) {
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

TEST(TlsStream, a_client_that_leaves_in_the_middle_of_the_handshake_is_peer_closed) {
  Connection c([](int fd) {
    StagedClient client(fd);
    SSL_do_handshake(client.ssl());
    client.send(client.take());
    client.receive();
  });
  EXPECT_EQ(c.run(c.stream().handshake()).fault, HandshakeFault::peer_closed);
}

TEST(TlsStream, a_deadline_ends_a_handshake_that_makes_no_progress) {
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

TEST(TlsStream, nothing_of_tls_1_2_renegotiates) {
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

TEST(HandshakeFault, every_fault_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(HandshakeFault::internal); ++i) {
    EXPECT_TRUE(names.insert(handshake_fault_name(static_cast<HandshakeFault>(i))).second) << i;
  }
  EXPECT_EQ(names.count("unknown"), 0u);
}

}  // namespace
}  // namespace gatehouse::tls
