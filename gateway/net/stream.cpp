#include "gateway/net/stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace gatehouse::net {

Io Io::blocked() noexcept { return failed(EAGAIN); }
bool Io::would_block() const noexcept { return n_ == -EAGAIN; }

void Stream::reset_on_close() noexcept {
  const linger now{1, 0};
  ::setsockopt(port().fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

Io PlainStream::read(std::span<char> space) noexcept {
  if (!port_.in) return Io::blocked();
  const ssize_t n = ::recv(port_.fd(), space.data(), space.size(), 0);
  // A short read emptied the socket, so the next one waits for an edge; after the peer's end there is none to come.
  if (!port_.hup && (n > 0 ? static_cast<std::size_t>(n) < space.size() : n < 0 && errno == EAGAIN)) port_.in = false;
  return n >= 0 ? Io::moved(static_cast<std::size_t>(n)) : Io::failed(errno);
}

Io PlainStream::write(std::span<const iovec> pieces) noexcept {
  if (!port_.out) return Io::blocked();
  ssize_t n = 0;
  if (pieces.size() == 1) {
    n = ::send(port_.fd(), pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL);
  } else {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    n = ::sendmsg(port_.fd(), &message, MSG_NOSIGNAL);
  }
  if (n >= 0) return Io::moved(static_cast<std::size_t>(n));
  if (errno == EAGAIN) port_.out = false;
  return Io::failed(errno);
}

void PlainStream::finish_writing() noexcept { ::shutdown(port_.fd(), SHUT_WR); }

bool PlainStream::usable() noexcept {
  if (port_.hup) return false;
  if (!port_.in) return true;
  char byte;
  const bool empty = ::recv(port_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  if (empty) port_.in = false;  // whatever comes now brings an edge
  return empty;
}

}  // namespace gatehouse::net
