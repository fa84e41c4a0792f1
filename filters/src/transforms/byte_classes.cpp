#include "transforms/byte_classes.hpp"

#include <array>

#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {


constexpr std::uint64_t bit(ByteClass one) noexcept { return std::uint64_t{1} << static_cast<unsigned>(one); }

/// What one byte says by itself.
constexpr std::uint64_t single(unsigned char byte) noexcept {
  const char c = static_cast<char>(byte);
  std::uint64_t bits = bit(ByteClass::any);
  const auto add = [&bits](bool holds, ByteClass one) { bits |= holds ? bit(one) : 0; };
  add(text::is_upper(c), ByteClass::upper);
  add(text::is_lower(c), ByteClass::lower);
  add(text::is_digit(c), ByteClass::digit);
  add(c == '%', ByteClass::percent);
  add(c == '+', ByteClass::plus);
  add(c == '&', ByteClass::ampersand);
  add(c == '\\', ByteClass::backslash);
  add(c == '\0', ByteClass::nul);
  add(c == ' ', ByteClass::space);
  add(c >= '\t' && c <= '\r', ByteClass::other_blank);
  add(c == '\xa0', ByteClass::nbsp);
  add(byte >= 0x80, ByteClass::non_ascii);
  add(c == '\'' || c == '"' || c == '`', ByteClass::quote);
  add(c == '^', ByteClass::caret);
  add(c == ',' || c == ';', ByteClass::separator);
  add(c == '/', ByteClass::slash);
  add(c == '(' || c == ')', ByteClass::paren);
  add(c == '#', ByteClass::hash);
  add(c == '<' || c == '>', ByteClass::angle);
  add(c == '=', ByteClass::equals);
  add(!text::is_alnum(c) && c != '*', ByteClass::url_reserved);
  return bits;
}

/// The pairs that the byte may begin.
constexpr std::uint64_t begins(char c) noexcept {
  std::uint64_t bits = 0;
  if (c == '-') bits |= bit(ByteClass::dash_pair);
  if (c == '/') bits |= bit(ByteClass::slash_star);
  if (c == '*') bits |= bit(ByteClass::star_slash);
  if (text::is_blank_or_nbsp(c)) bits |= bit(ByteClass::blank_pair);
  if (c == ' ') bits |= bit(ByteClass::blank_before);
  if (c == '/' || c == '\\') bits |= bit(ByteClass::slash_pair) | bit(ByteClass::dot_segment);
  if (c == '0') bits |= bit(ByteClass::zero_x);
  return bits;
}

/// The pairs that the byte may end.
constexpr std::uint64_t ends(char c) noexcept {
  std::uint64_t bits = 0;
  if (c == '-') bits |= bit(ByteClass::dash_pair);
  if (c == '*') bits |= bit(ByteClass::slash_star);
  if (c == '/') bits |= bit(ByteClass::star_slash);
  if (text::is_blank_or_nbsp(c)) bits |= bit(ByteClass::blank_pair);
  if (c == '/' || c == '(') bits |= bit(ByteClass::blank_before);
  if (c == '/' || c == '\\') bits |= bit(ByteClass::slash_pair);
  if (c == '.') bits |= bit(ByteClass::dot_segment);
  if (c == 'x' || c == 'X') bits |= bit(ByteClass::zero_x);
  return bits;
}

constexpr std::uint64_t pair_bits =
    bit(ByteClass::dash_pair) | bit(ByteClass::slash_star) | bit(ByteClass::star_slash) | bit(ByteClass::blank_pair) |
    bit(ByteClass::blank_before) | bit(ByteClass::slash_pair) | bit(ByteClass::dot_segment) | bit(ByteClass::zero_x);

/// Low half: what the byte says alone, and the pairs it may end. High half: the pairs it may begin, so that a pair was
/// met where (previous >> 32) & current has its bit.
constexpr std::array<std::uint64_t, 256> table = [] {
  std::array<std::uint64_t, 256> all{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    all[byte] = single(static_cast<unsigned char>(byte)) | ends(c) | begins(c) << 32;
  }
  return all;
}();

}  // namespace

ByteClasses classify(std::string_view value) noexcept {
  if (value.empty()) return {};
  std::uint64_t singles = 0, pairs = 0;
  std::uint64_t previous = bit(ByteClass::dot_segment) << 32;  // a dot at the start begins a segment, too
  for (const char c : value) {
    const std::uint64_t current = table[static_cast<unsigned char>(c)];
    singles |= current;
    pairs |= previous >> 32 & current;
    previous = current;
  }
  std::uint64_t bits = (singles & ~pair_bits) | (pairs & pair_bits);
  if (text::is_blank_or_nbsp(value.front())) bits |= bit(ByteClass::blank_at_start);
  if (text::is_blank_or_nbsp(value.back())) bits |= bit(ByteClass::blank_at_end);
  return ByteClasses(static_cast<std::uint32_t>(bits));
}

}  // namespace gatehouse::filters
