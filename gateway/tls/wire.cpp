#include "gateway/tls/wire.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "gateway/runtime/port.hpp"
#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

void keep_first(Wire& wire, const char* bytes, std::size_t size) {
  const std::size_t room = std::min(size, wire.first.size() - wire.first_size);
  std::copy_n(bytes, room, wire.first.data() + wire.first_size);
  wire.first_size = static_cast<std::uint8_t>(wire.first_size + room);
}

int wire_read(BIO* bio, char* space, int size) {
  Wire& wire = wire_of(bio);
  runtime::Port& port = *wire.port;
  BIO_clear_retry_flags(bio);
  if (!port.in) return BIO_set_retry_read(bio), -1;
  const ssize_t n = ::recv(port.fd(), space, static_cast<std::size_t>(size), 0);
  if (n > 0) {
    if (wire.first_size < wire.first.size()) keep_first(wire, space, static_cast<std::size_t>(n));
    // A short read emptied the socket; after the peer's end there is no edge to wait for.
    if (n < size && !port.hup) port.in = false;
    return static_cast<int>(n);
  }
  if (n == 0) return wire.eof = true, 0;
  if (errno == EAGAIN) {
    port.in = false;
    BIO_set_retry_read(bio);
  } else {
    wire.os_error = errno;
  }
  return -1;
}

int wire_write(BIO* bio, const char* bytes, int size) {
  Wire& wire = wire_of(bio);
  runtime::Port& port = *wire.port;
  BIO_clear_retry_flags(bio);
  if (!port.out) return BIO_set_retry_write(bio), -1;
  const int flags = MSG_NOSIGNAL | (wire.more ? MSG_MORE : 0);
  const ssize_t n = ::send(port.fd(), bytes, static_cast<std::size_t>(size), flags);
  if (n >= 0) return static_cast<int>(n);
  if (errno == EAGAIN) {
    port.out = false;
    BIO_set_retry_write(bio);
  } else {
    wire.os_error = errno;
  }
  return -1;
}

long wire_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:  // OpenSSL asks to tell an end from an error
      return wire_of(bio).eof ? 1 : 0;
    default:
      return 0;
  }
}

const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "port");
    GH_ASSERT(made != nullptr);
    BIO_meth_set_read(made, wire_read);
    BIO_meth_set_write(made, wire_write);
    BIO_meth_set_ctrl(made, wire_control);
    return made;
  }();
  return method;
}

}  // namespace

BIO* make_wire_bio(Wire& wire) noexcept {
  BIO* const bio = BIO_new(wire_method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace gatehouse::tls
