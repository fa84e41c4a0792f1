// The bench's floor: passes bytes between a client and an origin without looking at them, one origin connection for
// each client connection, two receives and two sends a request, edge-triggered. What a gateway costs beyond this is
// what it does for its users; less than this, nobody needs.
//
//   bench_relay PORT ORIGIN_PORT [CERTIFICATE KEY]     prints `ready PORT`; with a certificate, TLS faces the client
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "client_side.hpp"

namespace {

using bench::ClientSide;

/// Shared by all connections: what cannot be sent at once is copied to its pair.
std::array<char, 128 * 1024> scratch;

class Pair {
 public:
  Pair(int client, ssl_ctx_st* context, int origin) : client_(client, context), origin_(origin) {}
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() { ::close(origin_); }

  /// Moves what can be moved, both ways. False when either side is gone.
  bool go_on(bool client_is_ready) {
    if (client_is_ready) return up() && down();
    return down() && up();
  }

 private:
  ssize_t read(bool upwards) {
    return upwards ? client_.read(scratch.data(), scratch.size()) : ::recv(origin_, scratch.data(), scratch.size(), 0);
  }
  ssize_t write(bool upwards, const char* data, std::size_t size) {
    return upwards ? ::send(origin_, data, size, MSG_NOSIGNAL) : client_.write(data, size);
  }
  bool up() { return move(true, to_origin_, client_in_); }
  bool down() { return move(false, to_client_, origin_in_); }
  bool move(bool upwards, std::vector<char>& kept, bool& in);
  /// Sends all it can; keeps the rest. False when the side is gone.
  bool send(bool upwards, const char* data, std::size_t size, std::vector<char>& kept);

  friend class Loop;
  ClientSide client_;
  int origin_;
  bool client_in_{true};  // readiness, as epoll's edges told it
  bool origin_in_{true};
  std::vector<char> to_origin_;
  std::vector<char> to_client_;
};

bool Pair::send(bool upwards, const char* data, std::size_t size, std::vector<char>& kept) {
  while (size > 0) {
    const ssize_t n = write(upwards, data, size);
    if (n < 0 && (errno == EAGAIN || errno == ENOTCONN)) break;
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  kept.assign(data, data + size);
  return true;
}

bool Pair::move(bool upwards, std::vector<char>& kept, bool& in) {
  if (!kept.empty()) {
    const std::vector<char> old = std::move(kept);
    kept.clear();
    if (!send(upwards, old.data(), old.size(), kept)) return false;
  }
  while (in && kept.empty()) {
    const ssize_t n = read(upwards);
    if (n == 0) return false;
    if (n < 0 && errno != EAGAIN && errno != ENOTCONN) return false;
    // A short read emptied a plain socket; TLS returns one record at a time and must be asked until it has none.
    const bool tls = upwards && client_.is_tls();
    if (n < 0 || (!tls && static_cast<std::size_t>(n) < scratch.size())) in = false;
    if (n > 0 && !send(upwards, scratch.data(), static_cast<std::size_t>(n), kept)) return false;
  }
  return true;
}

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void no_delay(int fd) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/// The loop owns the pairs. An event names its pair and side by the address of the pair and its lowest bit.
class Loop {
 public:
  Loop(int listener, std::uint16_t origin_port, ssl_ctx_st* context)
      : listener_(listener), origin_(loopback(origin_port)), context_(context), set_(::epoll_create1(0)) {
    add(listener, 0, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(set_, events.data(), static_cast<int>(events.size()), -1);
      if (count < 0 && errno != EINTR) die("epoll_wait");
      for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)]);
      // Not within the batch: a later event of it may name the same pair.
      for (Pair* pair : dead_) delete pair;
      dead_.clear();
    }
  }

 private:
  void add(int fd, std::uint64_t tag, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.u64 = tag;
    if (::epoll_ctl(set_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  }

  void on_event(const epoll_event& event) {
    if (event.data.u64 == 0) return accept_all();
    const bool client = (event.data.u64 & 1) == 0;
    auto* pair = reinterpret_cast<Pair*>(event.data.u64 & ~std::uint64_t{1});
    for (const Pair* gone : dead_) {
      if (gone == pair) return;
    }
    if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      (client ? pair->client_in_ : pair->origin_in_) = true;
    }
    if (!pair->go_on(client)) dead_.push_back(pair);
  }

  void accept_all() {
    for (;;) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (client < 0) return;
      const int origin = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      no_delay(client);
      no_delay(origin);
      if (::connect(origin, reinterpret_cast<const sockaddr*>(&origin_), sizeof origin_) != 0 && errno != EINPROGRESS) {
        die("connect");
      }
      auto* pair = std::make_unique<Pair>(client, context_, origin).release();
      const auto tag = reinterpret_cast<std::uint64_t>(pair);
      constexpr std::uint32_t both = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
      add(client, tag, both | static_cast<std::uint32_t>(EPOLLET));
      add(origin, tag | 1, both | static_cast<std::uint32_t>(EPOLLET));
    }
  }

  int listener_;
  sockaddr_in origin_;
  ssl_ctx_st* context_;
  int set_;
  std::vector<Pair*> dead_;
};

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int one = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 4096) != 0) die("listen");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("ready %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5) {
    std::fputs("usage: bench_relay PORT ORIGIN_PORT [CERTIFICATE KEY]\n", stderr);
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  ssl_ctx_st* context = argc == 5 ? bench::make_context(argv[3], argv[4]) : nullptr;
  Loop loop(listen_on(static_cast<std::uint16_t>(std::atoi(argv[1]))), static_cast<std::uint16_t>(std::atoi(argv[2])),
            context);
  loop.run();
}
