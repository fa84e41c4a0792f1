// Wire: what lies between OpenSSL and a Port: OpenSSL's BIO interface over recv and send, which keeps the port's
// readiness flags and so spares the calls that would only say EAGAIN (docs/decisions/0003-tls-over-our-port.md). Part
// of its TlsStream, beside the Port it names; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

struct bio_st;

namespace gatehouse::runtime {
class Port;
}

namespace gatehouse::tls {

struct Wire {
  runtime::Port* port{nullptr};
  int os_error{0};   // of the last call that failed; never EAGAIN
  bool more{false};  // another record of the same write follows: the kernel may join them
  bool eof{false};   // the peer closed its direction

  /// The connection's first bytes, to tell a peer that does not speak TLS.
  std::string_view first_bytes() const noexcept { return {first.data(), first_size}; }
  std::array<char, 8> first{};
  std::uint8_t first_size{0};
};

/// A BIO for SSL_set_bio; the wire outlives it. Null when there is no memory.
bio_st* make_wire_bio(Wire& wire) noexcept;

}  // namespace gatehouse::tls
