#include "gateway/tls/stream.hpp"

#include <gmock/gmock.h>

#include <future>

#include "connection.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;

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
      for (int n; (n = SSL_read(client.ssl(), bytes, sizeof bytes)) > 0;)
        seen.append(bytes, static_cast<std::size_t>(n));
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

}  // namespace
}  // namespace gatehouse::tls
