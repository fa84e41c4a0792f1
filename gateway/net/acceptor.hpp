// Acceptor: one worker's listening socket for one address. Each worker has its own (SO_REUSEPORT), so the kernel
// spreads connections and no lock is shared. Runs until close(); when the process has no descriptor left it pauses
// instead of spinning. One thread.
#pragma once

#include <sys/socket.h>

#include <string>

#include "gateway/net/address.hpp"
#include "gateway/runtime/port.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::net {

class Acceptor {
 public:
  /// Told of each connection: a non-blocking descriptor that it takes over, and the peer's address.
  using Accept = void (*)(void* context, int fd, const Address& peer);

  Acceptor(runtime::Worker& worker, Accept accept, void* context) noexcept : worker_(worker), accept_(accept), context_(context) {}

  /// Takes over a listening descriptor made by listen_on(). 0 or the errno.
  int open(int fd) noexcept;
  /// Accepts until close(). Spawn it once, after open().
  runtime::Task<> run();
  /// Stops listening: what is queued already is still accepted, then run() ends.
  void close() noexcept;
  /// Whether run() has ended.
  bool ended() const noexcept { return ended_; }

 private:
  bool accept_some();

  runtime::Worker& worker_;
  Accept accept_;
  void* context_;
  runtime::Port port_;
  bool closing_{false};
  bool ended_{false};
};

/// A non-blocking listening socket with SO_REUSEPORT, or the negative errno.
int listen_on(const Address& address) noexcept;
/// The address a socket is bound to: tells which port 0 became.
Address local_address(int fd) noexcept;

}  // namespace gatehouse::net
