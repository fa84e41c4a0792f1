// ASCII facts as tables: blanks, letter case, hexadecimal digits. Never the C library's, which ask the locale. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters::text {

/// Space and 09-0D: what C calls isspace.
constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
/// The same and A0, the no-break space of Latin-1.
constexpr bool is_blank_or_nbsp(char c) noexcept { return is_blank(c) || c == '\xa0'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_octal(char c) noexcept { return c >= '0' && c <= '7'; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(char c) noexcept { return is_lower(static_cast<char>(c | 0x20)); }
constexpr bool is_alnum(char c) noexcept { return is_alpha(c) || is_digit(c); }
constexpr char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }
constexpr char to_upper(char c) noexcept { return is_lower(c) ? static_cast<char>(c & ~0x20) : c; }

inline constexpr std::array<std::int8_t, 256> hex_values = [] {
  std::array<std::int8_t, 256> values{};
  for (int c = 0; c < 256; ++c) {
    const char letter = static_cast<char>(c | 0x20);
    values[static_cast<std::size_t>(c)] = static_cast<std::int8_t>(is_digit(static_cast<char>(c)) ? c - '0'
                                                                   : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                                                                                    : -1);
  }
  return values;
}();

/// 0 to 15, or -1 for what is no hexadecimal digit.
constexpr int hex_value(char c) noexcept { return hex_values[static_cast<unsigned char>(c)]; }
constexpr bool is_hex(char c) noexcept { return hex_value(c) >= 0; }
/// The byte that two hexadecimal digits stand for; both must be such digits.
constexpr char hex_byte(char high, char low) noexcept {
  return static_cast<char>(hex_value(high) << 4 | hex_value(low));
}

inline constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

}  // namespace gatehouse::filters::text
