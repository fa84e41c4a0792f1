// Stream: a connection's bytes, whatever carries them: plain TCP here, TLS in tls/, memory in the session tests. The
// operations never wait; who meets would_block awaits the port's readiness and tries again:
//
//   Io io;
//   while ((io = stream.read(space)).would_block()) co_await stream.readable();
//
// Owned by its session; one thread.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

#include "gateway/runtime/port.hpp"

namespace gatehouse::net {

/// What one operation did: bytes moved, the end of the peer's direction, or an error (a positive errno).
class Io {
 public:
  static Io moved(std::size_t n) noexcept { return Io(static_cast<std::ptrdiff_t>(n)); }
  static Io ended() noexcept { return Io(0); }
  static Io failed(int os_error) noexcept { return Io(-static_cast<std::ptrdiff_t>(os_error)); }
  static Io blocked() noexcept;

  Io() = default;
  bool ok() const noexcept { return n_ > 0; }
  bool end() const noexcept { return n_ == 0; }
  bool would_block() const noexcept;
  /// Bytes moved; only when ok().
  std::size_t size() const noexcept { return static_cast<std::size_t>(n_); }
  /// The errno; 0 when ok() or end().
  int os_error() const noexcept { return n_ < 0 ? static_cast<int>(-n_) : 0; }

 private:
  explicit Io(std::ptrdiff_t n) noexcept : n_(n) {}
  std::ptrdiff_t n_{0};
};

class Stream {
 public:
  virtual ~Stream() = default;

  /// Reads what is there. A read that fills less than `space` has emptied the connection.
  virtual Io read(std::span<char> space) noexcept = 0;
  /// Whether a read is known to find nothing, so that nobody takes a buffer for it.
  virtual bool drained() const noexcept { return false; }
  /// Writes a prefix of the pieces, in order.
  virtual Io write(std::span<const iovec> pieces) noexcept = 0;
  /// Says that nothing more will be written (TLS: close_notify; TCP: FIN), without waiting.
  virtual void finish_writing() noexcept = 0;
  /// Ends both directions at once; who waits wakes up. Any state, any number of times.
  virtual void shut() noexcept { port().shut(); }
  /// When it is closed the peer sees a reset: for content cut short that only the connection's end delimits.
  virtual void reset_on_close() noexcept;
  /// Whether a pooled connection can carry another request: nothing unread, not ended by the peer.
  virtual bool usable() noexcept = 0;
  /// The descriptor through which bytes may be spliced past this object, or -1 (TLS, memory).
  virtual int splice_fd() const noexcept { return -1; }

  virtual runtime::Port& port() noexcept = 0;
  auto readable() noexcept { return port().readable(); }
  auto writable() noexcept { return port().writable(); }
};

/// Plain TCP or a unix socket.
class PlainStream final : public Stream {
 public:
  Io read(std::span<char> space) noexcept override;
  bool drained() const noexcept override { return !port_.in; }
  Io write(std::span<const iovec> pieces) noexcept override;
  void finish_writing() noexcept override;
  bool usable() noexcept override;
  int splice_fd() const noexcept override { return port_.fd(); }
  runtime::Port& port() noexcept override { return port_; }

 private:
  runtime::Port port_;
};

}  // namespace gatehouse::net
