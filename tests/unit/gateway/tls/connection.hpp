// One of our streams as the server with a peer on a thread, for the tests of the stream itself and of its handshake.
#pragma once

#include <cstring>

#include "peers.hpp"

namespace gatehouse::tls::testing {

using net::Io;

inline std::shared_ptr<const ServerContext> plain_server() {
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
inline std::function<void(int)> tls_peer(std::function<void(SSL*)> work) {
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

inline bool write_fully(SSL* ssl, const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const int n = SSL_write(ssl, bytes.data() + at, static_cast<int>(std::min<std::size_t>(bytes.size() - at, 100000)));
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

inline std::string read_fully(SSL* ssl) {
  std::string all;
  char bytes[3000];
  for (int n; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) all.append(bytes, static_cast<std::size_t>(n));
  ERR_clear_error();
  return all;
}

/// Until our end shuts.
inline void hold(SSL* ssl) {
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
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

inline Task<std::string> read_all(net::Stream& stream, std::size_t space_bytes) {
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

}  // namespace gatehouse::tls::testing
