// What the engine's parsers ask of ASCII text: blanks, numbers, maps from names without regard to case. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::filters {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The integer a text starts with, the way C's atoi reads it: blanks, a sign, digits; 0 when there are none. Clamped.
constexpr std::int64_t leading_integer(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  std::int64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) break;
    if (number > 100'000'000'000'000'000) break;
    number = number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

/// The number that all of a text is; nothing when it is empty, has anything else in it or does not fit.
template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number) : std::nullopt;
}

/// For maps from names whose ASCII letter case does not matter, with look-ups that copy nothing.
struct CaseBlindHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x100000001b3u;
    return static_cast<std::size_t>(hash);
  }
};
struct CaseBlindEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const noexcept { return same_letters(a, b); }
};
template <class Value>
using CaseBlindMap = std::unordered_map<std::string, Value, CaseBlindHash, CaseBlindEqual>;

}  // namespace gatehouse::filters
