// What a TLS handshake came to: the reason when it failed, the facts when it did not. Reason names are stable: they
// appear in logs and as a metric's label.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::tls {

enum class HandshakeFault : std::uint8_t {
  none,
  peer_closed,              // closed or reset before the end; a client that gave up
  plain_http,               // the first bytes are an HTTP message: http:// on a TLS port, or an origin without TLS
  not_tls,                  // the first bytes are no TLS record
  protocol_version,         // no common version
  no_shared_cipher,         // nor group, nor signature algorithm
  no_application_protocol,  // ALPN has no overlap
  unknown_ca,               // the chain leads to no trusted root
  self_signed,
  certificate_expired,      // or not valid yet
  name_mismatch,            // the certificate is for another host
  bad_certificate,          // any other doubt about it, ours or the peer's
  peer_alert,               // the peer refused with another alert
  protocol_error,           // bytes that break the protocol
  os_error,
  internal,
};

std::string_view handshake_fault_name(HandshakeFault fault) noexcept;

/// The reason for a fatal alert that the peer sent (RFC 8446 6.2), seen from who received it.
HandshakeFault fault_of_alert(std::uint8_t alert) noexcept;

/// What the first bytes of a peer that failed the handshake say about it: plain_http, not_tls, or none when they do
/// look like TLS or are too few to tell.
HandshakeFault fault_of_first_bytes(std::string_view bytes) noexcept;

/// Small and copyable.
struct HandshakeResult {
  HandshakeFault fault{HandshakeFault::none};
  std::uint8_t alert{0};  // the alert that was received, if one was (RFC 8446 6)
  int os_error{0};

  bool ok() const noexcept { return fault == HandshakeFault::none; }
};

/// What was agreed. The views live as long as the stream.
struct Facts {
  std::string_view version;      // TLSv1.2, TLSv1.3
  std::string_view cipher;       // OpenSSL's name, which is also what ALB logs
  std::string_view server_name;  // SNI; empty: none
  std::string_view protocol;     // ALPN; empty: none
  bool resumed{false};
  std::string_view ja3;          // of the client, where the context asks for it; else empty
  std::string_view ja4;
};

}  // namespace gatehouse::tls
