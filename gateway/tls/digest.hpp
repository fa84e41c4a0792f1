// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) of bytes at hand. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::tls {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes) noexcept;
/// The code of a message under a key of any length.
Digest hmac_sha256(std::string_view key, std::string_view message) noexcept;

/// The digest's bytes, as the key of the next one.
inline std::string_view bytes_of(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
/// Lower-case hexadecimal.
std::array<char, 64> hex(const Digest& digest) noexcept;

}  // namespace gatehouse::tls
