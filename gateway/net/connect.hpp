// connect: a TCP (or unix) connection to an address in two steps, with the wait between them left to the caller, who
// owns the deadline:
//
//   int error = begin_connect(ports, stream.port(), address);      // port.out is clear until the connection is decided
//   co_await stream.writable();  error = finish_connect(stream.port());
#pragma once

#include "gateway/net/address.hpp"
#include "gateway/runtime/port_set.hpp"

namespace gatehouse::net {

/// Opens a non-blocking socket in `port` and starts to connect it. 0, or the errno; the port is closed then.
int begin_connect(runtime::PortSet& ports, runtime::Port& port, const Address& address) noexcept;
/// What became of it, once the port is writable: 0 or the errno.
int finish_connect(const runtime::Port& port) noexcept;

}  // namespace gatehouse::net
