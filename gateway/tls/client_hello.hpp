// ClientHello: what a client's first message of a TLS handshake says, in the order in which it says it (RFC 8446 4.1.2;
// RFC 5246 7.4.1.2). OpenSSL keeps only what it knows itself; fingerprints need all. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::tls {

/// Extensions that fingerprints look at (RFC 8446 4.2, RFC 8422 5.1.2).
struct HelloExtension {
  static constexpr std::uint16_t server_name = 0, groups = 10, point_formats = 11, signature_algorithms = 13, alpn = 16, versions = 43;
};

struct ClientHello {
  std::uint16_t version{0};                         // legacy_version
  std::vector<std::uint16_t> ciphers;
  std::vector<std::uint16_t> extensions;            // their types
  std::vector<std::uint16_t> versions;              // of supported_versions
  std::vector<std::uint16_t> groups;                // of supported_groups
  std::vector<std::uint16_t> signature_algorithms;
  std::vector<std::uint8_t> point_formats;
  std::string_view protocol;                        // the first of ALPN; a view of what was parsed

  bool has_extension(std::uint16_t type) const noexcept;
};

/// Reads the message's body, without the handshake header of 4 bytes. Nothing when a length lies. What a known extension
/// has in it is left out when it is malformed: OpenSSL refuses such a handshake by itself.
std::optional<ClientHello> parse_client_hello(std::string_view body);

/// Values that clients put in so that servers learn to ignore what they do not know (RFC 8701).
constexpr bool is_grease(std::uint16_t value) noexcept { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

}  // namespace gatehouse::tls
