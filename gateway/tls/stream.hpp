// TlsStream: a connection's bytes inside TLS, on either side. Open the port, await handshake(), then use it like any
// net::Stream. OpenSSL talks to the socket through our own BIO (docs/decisions/0003-tls-over-our-port.md): it knows the
// port's readiness, so a drained socket costs no call, it never raises SIGPIPE, and joins the records of one write.
//
//   TlsStream stream(context);                       // server; or (context, "origin.example", &slot) as a client
//   stream.port().open(worker.ports(), fd);
//   const HandshakeResult result = co_await stream.handshake();
//
// read: `end` is close_notify only. An end without it is Io::failed(truncated); bytes that break TLS are
// Io::failed(EPROTO). write: after would_block the next write must begin with the same bytes and offer at least as
// many, because OpenSSL has sealed them already; they may have moved. One thread.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "gateway/net/stream.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/tls/client_context.hpp"
#include "gateway/tls/fingerprint.hpp"
#include "gateway/tls/handshake.hpp"
#include "gateway/tls/wire.hpp"

struct ssl_st;

namespace gatehouse::tls {

class ServerContext;

/// read's error when the peer ended the connection without close_notify: what came may be cut short (RFC 8446 6.1).
inline constexpr int truncated = ECONNABORTED;

class TlsStream final : public net::Stream {
 public:
  /// The server's side.
  explicit TlsStream(std::shared_ptr<const ServerContext> context);
  /// The client's side, to an endpoint of this host (name or address). The slot may be null: no resumption.
  TlsStream(std::shared_ptr<const ClientContext> context, std::string_view host, SessionSlot* slot);
  ~TlsStream() override;

  /// Goes on until it is agreed or refused; shut() from a deadline ends it as peer_closed. Once.
  runtime::Task<HandshakeResult> handshake();
  /// What was agreed; after a good handshake.
  Facts facts() const noexcept;

  net::Io read(std::span<char> space) noexcept override;
  net::Io write(std::span<const iovec> pieces) noexcept override;
  void finish_writing() noexcept override;
  bool usable() noexcept override;
  runtime::Port& port() noexcept override { return port_; }

 private:
  void attach_wire() noexcept;
  void agree() noexcept;
  void look_for_hello() noexcept;
  HandshakeResult refusal(int ssl_error) const noexcept;
  net::Io read_some(std::span<char> space) noexcept;
  net::Io write_record(std::span<const char> record) noexcept;

  runtime::Port port_;
  Wire wire_;
  ssl_st* ssl_{nullptr};
  std::shared_ptr<const ServerContext> server_;  // one of the two
  std::shared_ptr<const ClientContext> client_;
  SessionLink link_;
  std::unique_ptr<Fingerprints> fingerprints_;  // null: not wanted, or not read yet
  std::size_t sealed_{0};  // bytes a blocked write has sealed: the next write offers exactly these first
  int read_error_{0};      // sticky: an error met behind bytes that were delivered first
  bool ended_{false};      // close_notify was read
  bool agreed_{false};
};

}  // namespace gatehouse::tls
