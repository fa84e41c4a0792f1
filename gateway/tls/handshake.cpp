#include "gateway/tls/handshake.hpp"

#include <openssl/tls1.h>

#include <algorithm>

namespace gatehouse::tls {

// One table: a function only in form.
std::string_view handshake_fault_name(HandshakeFault fault) noexcept {
  switch (fault) {
    case HandshakeFault::none: return "none";
    case HandshakeFault::peer_closed: return "peer_closed";
    case HandshakeFault::plain_http: return "plain_http";
    case HandshakeFault::not_tls: return "not_tls";
    case HandshakeFault::protocol_version: return "protocol_version";
    case HandshakeFault::no_shared_cipher: return "no_shared_cipher";
    case HandshakeFault::no_application_protocol: return "no_application_protocol";
    case HandshakeFault::unknown_ca: return "unknown_ca";
    case HandshakeFault::self_signed: return "self_signed";
    case HandshakeFault::certificate_expired: return "certificate_expired";
    case HandshakeFault::name_mismatch: return "name_mismatch";
    case HandshakeFault::bad_certificate: return "bad_certificate";
    case HandshakeFault::peer_alert: return "peer_alert";
    case HandshakeFault::protocol_error: return "protocol_error";
    case HandshakeFault::os_error: return "os_error";
    case HandshakeFault::internal: return "internal";
  }
  return "unknown";
}

HandshakeFault fault_of_alert(std::uint8_t alert) noexcept {
  switch (alert) {
    case TLS1_AD_PROTOCOL_VERSION:
      return HandshakeFault::protocol_version;
    case TLS1_AD_INSUFFICIENT_SECURITY:
      return HandshakeFault::no_shared_cipher;
    case TLS1_AD_NO_APPLICATION_PROTOCOL:
      return HandshakeFault::no_application_protocol;
    case TLS1_AD_UNKNOWN_CA:
      return HandshakeFault::unknown_ca;
    case 45:  // certificate_expired
      return HandshakeFault::certificate_expired;
    case 42:  // bad_certificate, unsupported_certificate, certificate_revoked, certificate_unknown
    case 43:
    case 44:
    case 46:
      return HandshakeFault::bad_certificate;
    case TLS1_AD_USER_CANCELLED:
      return HandshakeFault::peer_closed;
    default:
      return HandshakeFault::peer_alert;
  }
}

HandshakeFault fault_of_first_bytes(std::string_view bytes) noexcept {
  constexpr char handshake = 0x16;
  constexpr char alert = 0x15;
  if (bytes.empty() || bytes[0] == handshake || bytes[0] == alert) return HandshakeFault::none;
  if (bytes.starts_with("HTTP/")) return HandshakeFault::plain_http;
  // A method and its space: methods in use are short and in capitals.
  const std::size_t letters = static_cast<std::size_t>(
      std::find_if_not(bytes.begin(), bytes.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) - bytes.begin());
  const bool method = letters == bytes.size() ? letters >= 7 : letters >= 3 && bytes[letters] == ' ';
  return method ? HandshakeFault::plain_http : HandshakeFault::not_tls;
}

}  // namespace gatehouse::tls
