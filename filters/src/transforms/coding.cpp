#include "transforms/coding.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include "text/ascii.hpp"
#include "text/digest.hpp"

namespace gatehouse::filters::coding {

namespace {

/// A digit's value by arithmetic alone: letters of either case count from 10, everything else from '0'.
constexpr unsigned loose_digit(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' ? (byte & 0xdfu) - 'A' + 10 : byte - unsigned{'0'};
}

template <bool Even>
std::size_t set_parity(std::string_view in, char* out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const unsigned low = static_cast<unsigned char>(in[i]) & 0x7f;
    const bool odd = std::popcount(low) % 2 == 1;
    out[i] = static_cast<char>(odd == Even ? low | 0x80 : low);
  }
  return in.size();
}

}  // namespace

std::size_t hex_decode(std::string_view in, char* out) noexcept {
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) {
    out[i / 2] = static_cast<char>((loose_digit(in[i]) * 16 + loose_digit(in[i + 1])) & 0xff);
  }
  return in.size() / 2;
}

std::size_t hex_encode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (const char c : in) {
    out[written++] = text::hex_digits[static_cast<unsigned char>(c) >> 4];
    out[written++] = text::hex_digits[static_cast<unsigned char>(c) & 15];
  }
  return written;
}

std::size_t sql_hex_decode(std::string_view in, char* out) noexcept {
  const auto pair_at = [in](std::size_t i) { return in.size() - i > 1 && text::is_hex(in[i]) && text::is_hex(in[i + 1]); };
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    const bool prefix = in[i] == '0' && in.size() - i > 3 && (in[i + 1] | 0x20) == 'x' && pair_at(i + 2);
    if (!prefix) {
      out[written++] = in[i++];
      continue;
    }
    for (i += 2; i < in.size() && pair_at(i); i += 2) out[written++] = text::hex_byte(in[i], in[i + 1]);
  }
  return written;
}

std::size_t length(std::string_view in, char* out) noexcept {
  return static_cast<std::size_t>(std::to_chars(out, out + 20, in.size()).ptr - out);
}

std::size_t md5(std::string_view in, char* out) noexcept {
  const auto digest = text::md5(in);
  std::memcpy(out, digest.data(), digest.size());
  return digest.size();
}

std::size_t sha1(std::string_view in, char* out) noexcept {
  const auto digest = text::sha1(in);
  std::memcpy(out, digest.data(), digest.size());
  return digest.size();
}

std::size_t parity_even(std::string_view in, char* out) noexcept { return set_parity<true>(in, out); }

std::size_t parity_odd(std::string_view in, char* out) noexcept { return set_parity<false>(in, out); }

std::size_t parity_zero(std::string_view in, char* out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<char>(in[i] & 0x7f);
  return in.size();
}

}  // namespace gatehouse::filters::coding
