// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) of bytes at hand; MD5 for names that others gave with it. Pure functions; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::tls {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes) noexcept;
/// RFC 1321. Tells things apart; proves nothing.
std::array<std::uint8_t, 16> md5(std::string_view bytes) noexcept;
/// The code of a message under a key of any length.
Digest hmac_sha256(std::string_view key, std::string_view message) noexcept;

/// The digest's bytes, as the key of the next one.
inline std::string_view bytes_of(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
/// Lower-case hexadecimal.
template <std::size_t size>
std::array<char, 2 * size> hex(const std::array<std::uint8_t, size>& digest) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 2 * size> out;
  for (std::size_t i = 0; i < size; ++i) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  return out;
}

}  // namespace gatehouse::tls
