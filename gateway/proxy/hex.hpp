// Numbers as lower-case hexadecimal digits: ids and traces are made for every request, so two digits a step. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace gatehouse::proxy {

namespace detail {

constexpr std::array<char, 512> make_hex_pairs() {
  constexpr char digits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = digits[i >> 4];
    pairs[2 * i + 1] = digits[i & 15];
  }
  return pairs;
}
inline constexpr std::array<char, 512> hex_pairs = make_hex_pairs();

}  // namespace detail

/// Writes the lowest 4 * Digits bits and returns where it stopped.
template <unsigned Digits>
char* put_hex(char* at, std::uint64_t number) noexcept {
  static_assert(Digits % 2 == 0 && Digits <= 16);
  for (unsigned i = 0; i < Digits; i += 2) {
    std::memcpy(at + i, &detail::hex_pairs[2 * ((number >> (4 * (Digits - 2 - i))) & 255)], 2);
  }
  return at + Digits;
}

}  // namespace gatehouse::proxy
