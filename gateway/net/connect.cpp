#include "gateway/net/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace gatehouse::net {

int begin_connect(runtime::PortSet& ports, runtime::Port& port, const Address& address) noexcept {
  const SocketAddress to(address);
  const int fd = ::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  if (to.family() != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (::connect(fd, to.data(), to.size()) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    ::close(fd);
    return error;
  }
  if (!port.open(ports, fd)) return errno;
  // A new socket counts as writable; here that has to wait for the connection, whose edge is yet to come or is already
  // queued in the set.
  port.out = false;
  port.in = false;
  return 0;
}

int finish_connect(const runtime::Port& port) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(port.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace gatehouse::net
