#include "text/url.hpp"

#include "text/ascii.hpp"

namespace gatehouse::filters::text {

namespace {

constexpr bool escape_at(std::string_view in, std::size_t i) noexcept {
  return in.size() - i > 2 && is_hex(in[i + 1]) && is_hex(in[i + 2]);
}

constexpr bool unit_at(std::string_view in, std::size_t i) noexcept {
  return in.size() - i > 5 && (in[i + 1] | 0x20) == 'u' && is_hex(in[i + 2]) && is_hex(in[i + 3]) &&
         is_hex(in[i + 4]) && is_hex(in[i + 5]);
}

char unit_byte(std::string_view in, std::size_t i, const std::int16_t* map) noexcept {
  std::uint32_t unit = 0;
  for (std::size_t k = 2; k < 6; ++k) unit = unit << 4 | static_cast<std::uint32_t>(hex_value(in[i + k]));
  const int mapped = map == nullptr ? -1 : map[unit];
  return mapped >= 0 ? static_cast<char>(mapped) : unit_to_byte(unit);
}

}  // namespace

std::size_t url_decode(std::string_view in, char* out, bool* bad) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] == '%' && escape_at(in, i)) {
      out[written++] = hex_byte(in[i + 1], in[i + 2]);
      i += 3;
      continue;
    }
    if (in[i] == '%' && bad != nullptr) *bad = true;
    out[written++] = in[i] == '+' ? ' ' : in[i];
    ++i;
  }
  return written;
}

std::size_t url_decode_uni(std::string_view in, char* out, const std::int16_t* map) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] == '%' && unit_at(in, i)) {
      out[written++] = unit_byte(in, i, map);
      i += 6;
    } else if (in[i] == '%' && escape_at(in, i)) {
      out[written++] = hex_byte(in[i + 1], in[i + 2]);
      i += 3;
    } else {
      out[written++] = in[i] == '+' ? ' ' : in[i];
      ++i;
    }
  }
  return written;
}

std::size_t url_encode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (const char c : in) {
    if (is_alnum(c) || c == '*') {
      out[written++] = c;
    } else if (c == ' ') {
      out[written++] = '+';
    } else {
      out[written++] = '%';
      out[written++] = hex_digits[static_cast<unsigned char>(c) >> 4];
      out[written++] = hex_digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return written;
}

}  // namespace gatehouse::filters::text
