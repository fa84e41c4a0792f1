// The characters of HTTP (RFC 9110 5.6, RFC 3986 2) as tables, and comparisons that ignore letter case. Only ASCII
// letters have a case: no locale is asked. Pure functions on views; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::http {

/// What a character may be part of; bits of a table entry.
enum CharClass : std::uint8_t {
  char_token = 1,     // RFC 9110 5.6.2: tchar
  char_digit = 2,     // 0-9
  char_hex = 4,       // 0-9 A-F a-f
  char_target = 8,    // in a path or query: visible ASCII but '#', '?' and '%', which mean something
  char_reg_name = 16, // RFC 3986 3.2.2: unreserved and sub-delims, without '%' (see target.hpp)
  char_scheme = 32,   // RFC 3986 3.1
  char_quoted = 64,   // RFC 9110 5.6.4: qdtext
  char_upper = 128,
};

consteval std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view chars, unsigned bits) {
    for (const char c : chars) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(bits);
  };
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", char_token | char_reg_name | char_scheme);
  mark("0123456789", char_digit);
  mark("0123456789abcdefABCDEF", char_hex);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", char_upper);
  mark("!#$%&'*+-.^_`|~", char_token);
  mark("-._~!$&'()*+,;=", char_reg_name);
  mark("+-.", char_scheme);
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] |= char_target | char_quoted;
  for (const char c : std::string_view("#?%")) table[static_cast<unsigned char>(c)] &= static_cast<std::uint8_t>(~char_target);
  for (const char c : std::string_view("\"\\")) table[static_cast<unsigned char>(c)] &= static_cast<std::uint8_t>(~char_quoted);
  mark("\t ", char_quoted);
  for (unsigned c = 0x80; c < 0x100; ++c) table[c] |= char_quoted;  // obs-text
  return table;
}
inline constexpr std::array<std::uint8_t, 256> char_classes = make_char_classes();

/// Whether `c` belongs to any of the classes.
constexpr bool is_char(char c, unsigned classes) noexcept {
  return (char_classes[static_cast<unsigned char>(c)] & classes) != 0;
}
/// Whether all of `text` does; an empty text does.
constexpr bool all_chars(std::string_view text, unsigned classes) noexcept {
  for (const char c : text) {
    if (!is_char(c, classes)) return false;
  }
  return true;
}
constexpr bool is_token(std::string_view text) noexcept { return !text.empty() && all_chars(text, char_token); }

constexpr char lower(char c) noexcept { return is_char(c, char_upper) ? static_cast<char>(c | 0x20) : c; }

/// Whether two texts differ in letter case at most.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}
constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Without the spaces and tabs around it (RFC 9110 5.6.3: OWS).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The value of a hexadecimal digit; -1 for anything else.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace gatehouse::http
