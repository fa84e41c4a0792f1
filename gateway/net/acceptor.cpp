#include "gateway/net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <coroutine>

namespace gatehouse::net {
namespace {

constexpr int backlog = 4096;
constexpr std::size_t accepted_per_turn = 64;
constexpr std::chrono::milliseconds pause_without_descriptors{100};

/// Lets the worker go on with other things for a while.
struct Pause {
  explicit Pause(boost::asio::steady_timer& timer) noexcept : timer(timer) {}
  boost::asio::steady_timer& timer;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    timer.async_wait([handle](const boost::system::error_code&) { handle.resume(); });
  }
  void await_resume() const noexcept {}
};

bool out_of_resources(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

int Acceptor::open(int fd) noexcept { return port_.open(worker_.ports(), fd) ? 0 : errno; }

runtime::Task<> Acceptor::run() {
  boost::asio::steady_timer timer(worker_.io());
  while (accept_some()) {
    if (port_.in) {
      // More are queued, or the process is out of descriptors: either way the others have a turn first.
      if (out_of_resources(errno)) {
        timer.expires_after(pause_without_descriptors);
        co_await Pause(timer);
      } else {
        co_await worker_.yield();
      }
    } else {
      co_await port_.readable();
    }
  }
  port_.close();
  ended_ = true;
}

/// Accepts one turn's worth. False when the acceptor is to end. The connections are handed over when all are taken: each
/// is served as far as it goes at once, and one that came meanwhile must not overtake older events of other sockets
/// (an origin's FIN above all, which tells that a pooled connection is no use for it).
bool Acceptor::accept_some() {
  struct Accepted {
    int fd;
    Address from;
  };
  std::array<Accepted, accepted_per_turn> accepted;
  std::size_t count = 0;
  int error = 0;
  while (count < accepted.size()) {
    sockaddr_storage from;
    socklen_t size = sizeof from;
    const int fd = ::accept4(port_.fd(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted[count++] = {fd, Address::from_socket(reinterpret_cast<const sockaddr*>(&from), size)};
      continue;
    }
    error = errno;
    if (error == EAGAIN) port_.in = false;
    if (error == EAGAIN || out_of_resources(error)) break;
    // Anything else concerns one connection that went away before it was accepted (accept(2)).
    error = 0;
  }
  for (std::size_t i = 0; i < count; ++i) accept_(context_, accepted[i].fd, accepted[i].from);
  errno = error;
  return !closing_ || error != EAGAIN;
}

void Acceptor::close() noexcept {
  closing_ = true;
  port_.in = true;
  port_.reader.fire();
}

int listen_on(const Address& address) noexcept {
  const SocketAddress where(address);
  const int fd = ::socket(where.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (where.family() == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  // Inherited by what is accepted, which saves a call on each.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(fd, where.data(), where.size()) == 0 && ::listen(fd, backlog) == 0) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

Address local_address(int fd) noexcept {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return Address::from_socket(reinterpret_cast<const sockaddr*>(&storage), size);
}

}  // namespace gatehouse::net
