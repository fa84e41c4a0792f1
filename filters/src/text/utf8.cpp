#include "text/utf8.hpp"

#include "text/ascii.hpp"

namespace gatehouse::filters::text {

namespace {

constexpr unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

/// Bytes that the lead byte announces; 0 when it leads nothing.
constexpr std::uint8_t announced(unsigned char lead) noexcept {
  if (lead >= 0xc0 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  return 0;
}

constexpr Utf8 kind_of(std::uint32_t code, std::uint8_t size) noexcept {
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size]) return Utf8::overlong;
  if (code >= 0xd800 && code <= 0xdfff) return Utf8::surrogate;
  return code > 0x10ffff ? Utf8::too_large : Utf8::valid;
}

std::size_t write_unit(std::uint32_t code, char* out) noexcept {
  unsigned digits = 4;
  while (digits < 6 && code >> (digits * 4) != 0) ++digits;
  out[0] = '%';
  out[1] = 'u';
  for (unsigned i = 0; i < digits; ++i) out[2 + i] = hex_digits[code >> ((digits - 1 - i) * 4) & 15];
  return 2 + digits;
}

}  // namespace

Utf8Char utf8_at(std::string_view text, std::size_t at) noexcept {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return {Utf8::valid, 1, lead};
  const std::uint8_t size = announced(lead);
  if (size == 0) return {Utf8::stray, 1, lead};
  std::uint32_t code = lead & (0x7fu >> size);
  for (std::uint8_t i = 1; i < size; ++i) {
    if (at + i >= text.size()) return {Utf8::truncated, 1, lead};
    const unsigned char next = byte_at(text, at + i);
    if ((next & 0xc0) != 0x80) return {Utf8::stray, 1, lead};
    code = code << 6 | (next & 0x3fu);
  }
  return {kind_of(code, size), size, code};
}

bool is_valid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = utf8_at(text, i);
    if (c.kind != Utf8::valid) return false;
    i += c.size;
  }
  return true;
}

std::size_t utf8_to_unicode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    const Utf8Char c = utf8_at(in, i);
    const bool means_character = c.kind == Utf8::valid || c.kind == Utf8::overlong || c.kind == Utf8::surrogate;
    if (c.size == 1) {
      out[written++] = in[i];
    } else if (means_character) {
      written += write_unit(c.code, out + written);
      if (c.kind != Utf8::valid) out[written++] = in[i];
    } else {
      for (std::uint8_t k = 0; k < c.size; ++k) out[written++] = in[i + k];
    }
    i += c.size;
  }
  return written;
}

std::size_t write_utf8(std::uint32_t code, char* out) noexcept {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return out[0] = static_cast<char>(code), 1;
  if (code < 0x800) return out[0] = static_cast<char>(0xc0 | code >> 6), out[1] = tail(0), 2;
  if (code < 0x10000) return out[0] = static_cast<char>(0xe0 | code >> 12), out[1] = tail(6), out[2] = tail(0), 3;
  out[0] = static_cast<char>(0xf0 | code >> 18);
  out[1] = tail(12), out[2] = tail(6), out[3] = tail(0);
  return 4;
}

}  // namespace gatehouse::filters::text
