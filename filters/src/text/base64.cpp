#include "text/base64.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::filters::text {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values = [] {
  std::array<std::int8_t, 256> all{};
  all.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    all[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return all;
}();

std::size_t decode(std::string_view in, char* out, bool skip_others) noexcept {
  std::size_t written = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : in) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0 && skip_others) continue;
    if (value < 0) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[written++] = static_cast<char>(bits >> count & 0xff);
  }
  return written;
}

}  // namespace

std::size_t base64_decode(std::string_view in, char* out) noexcept { return decode(in, out, false); }

std::size_t base64_decode_forgiving(std::string_view in, char* out) noexcept { return decode(in, out, true); }

std::size_t base64_encode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const std::size_t rest = in.size() - i;
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return k < rest ? static_cast<unsigned char>(in[i + k]) : 0u;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out[written++] = alphabet[group >> 18];
    out[written++] = alphabet[group >> 12 & 63];
    out[written++] = rest > 1 ? alphabet[group >> 6 & 63] : '=';
    out[written++] = rest > 2 ? alphabet[group & 63] : '=';
  }
  return written;
}

}  // namespace gatehouse::filters::text
