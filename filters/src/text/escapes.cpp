#include "text/escapes.hpp"

#include <cstdint>

#include "text/ascii.hpp"
#include "text/url.hpp"

namespace gatehouse::filters::text {

namespace {

/// What an escape stands for: `size` bytes of input (with the backslash) for one byte, or for none.
struct Escape {
  std::size_t size;
  char byte;
  bool nothing{false};
};

/// Reads hexadecimal digits into a number.
std::uint32_t hex_number(std::string_view digits) noexcept {
  std::uint32_t number = 0;
  for (const char c : digits) number = number << 4 | static_cast<std::uint32_t>(hex_value(c));
  return number;
}

std::size_t count_hex(std::string_view in, std::size_t at, std::size_t most) noexcept {
  std::size_t count = 0;
  while (count < most && at + count < in.size() && is_hex(in[at + count])) ++count;
  return count;
}

constexpr char control(char letter) noexcept {
  switch (letter) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return letter;
  }
}

/// One to three octal digits after the backslash. In JavaScript a third digit belongs only if the number fits a byte;
/// C's reader takes it and keeps the low byte.
Escape octal(std::string_view in, std::size_t at, bool fits_byte) noexcept {
  std::size_t count = 1;
  while (count < 3 && at + 1 + count < in.size() && is_octal(in[at + 1 + count])) ++count;
  if (fits_byte && count == 3 && in[at + 1] > '3') count = 2;
  std::uint32_t number = 0;
  for (std::size_t k = 0; k < count; ++k) number = number << 3 | static_cast<std::uint32_t>(in[at + 1 + k] - '0');
  return {1 + count, static_cast<char>(number & 0xff)};
}

// The readers below are called with a backslash at `at` and at least one byte after it.

Escape js_escape(std::string_view in, std::size_t at) noexcept {
  const char kind = in[at + 1];
  if (kind == 'u' && count_hex(in, at + 2, 4) == 4) return {6, unit_to_byte(hex_number(in.substr(at + 2, 4)))};
  if (kind == 'x' && count_hex(in, at + 2, 2) == 2) return {4, hex_byte(in[at + 2], in[at + 3])};
  if (is_octal(kind)) return octal(in, at, true);
  return {2, control(kind)};
}

Escape css_escape(std::string_view in, std::size_t at) noexcept {
  const std::size_t digits = count_hex(in, at + 1, 6);
  if (digits == 0) return {2, in[at + 1], in[at + 1] == '\n'};
  const std::uint32_t number = hex_number(in.substr(at + 1, digits));
  // The full-width rule needs four digits, with nothing but zeros in front of them.
  const bool wide = digits >= 4 && number >> 16 == 0;
  const bool blank = at + 1 + digits < in.size() && is_blank(in[at + 1 + digits]);
  return {1 + digits + (blank ? 1u : 0u), wide ? unit_to_byte(number) : static_cast<char>(number & 0xff)};
}

Escape c_escape(std::string_view in, std::size_t at) noexcept {
  const char kind = in[at + 1];
  if ((kind | 0x20) == 'x' && count_hex(in, at + 2, 2) == 2) return {4, hex_byte(in[at + 2], in[at + 3])};
  if (is_octal(kind)) return octal(in, at, false);
  return {2, control(kind)};
}

template <Escape (*Read)(std::string_view, std::size_t) noexcept>
std::size_t decode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] != '\\' || i + 1 == in.size()) {
      out[written++] = in[i++];
      continue;
    }
    const Escape escape = Read(in, i);
    if (!escape.nothing) out[written++] = escape.byte;
    i += escape.size;
  }
  return written;
}

}  // namespace

std::size_t js_decode(std::string_view in, char* out) noexcept { return decode<js_escape>(in, out); }

std::size_t css_decode(std::string_view in, char* out) noexcept {
  // A lone backslash at the end continues to nothing.
  if (in.empty()) return 0;
  std::size_t backslashes = 0;
  while (backslashes < in.size() && in[in.size() - 1 - backslashes] == '\\') ++backslashes;
  if (backslashes % 2 == 1) in.remove_suffix(1);
  return decode<css_escape>(in, out);
}

std::size_t escape_seq_decode(std::string_view in, char* out) noexcept { return decode<c_escape>(in, out); }

}  // namespace gatehouse::filters::text
