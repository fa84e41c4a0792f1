// TlsStream: a connection's bytes inside TLS, on either side. Open the port, await handshake(), then use it like any
// net::Stream. OpenSSL talks to the socket through our own BIO (docs/decisions/0010-tls-over-our-port.md): it knows the
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
#include <string>
#include <string_view>

#include "gateway/net/stream.hpp"
#include "gateway/runtime/task.hpp"
#include "gateway/tls/handshake.hpp"

struct ssl_st;

namespace gatehouse::tls {

class ClientContext;
class ServerContext;
class SessionSlot;

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
  struct Wire;  // the BIO's side, in stream.cpp

  HandshakeResult step() noexcept;
  HandshakeResult explain(int ssl_error) noexcept;
  net::Io read_record(std::span<char> space) noexcept;
  net::Io write_record(std::span<const char> record, bool more) noexcept;

  runtime::Port port_;
  ssl_st* ssl_{nullptr};
  std::unique_ptr<Wire> wire_;
  std::shared_ptr<const ServerContext> server_;
  std::shared_ptr<const ClientContext> client_;
  SessionSlot* slot_{nullptr};
  std::string name_;             // of the origin, on the client's side
  std::size_t sealed_{0};        // bytes a blocked write has sealed: the next write offers exactly these first
  int read_error_{0};            // sticky: an error met after bytes that were delivered first
  bool ended_{false};            // close_notify was read
  bool agreed_{false};
};

}  // namespace gatehouse::tls
