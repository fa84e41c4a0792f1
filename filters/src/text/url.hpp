// URL encoding: %XX, + and the %uHHHH of old IIS servers. Decoders are tolerant: what is no valid sequence stays as it
// is. Output goes to `out`, which must have room for the size named; the size written is returned. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters::text {

/// %XX and +. Room: in.size(). `bad`, if not null, is set when a % starts no valid sequence.
std::size_t url_decode(std::string_view in, char* out, bool* bad = nullptr) noexcept;

/// %XX, + and %uHHHH: the map's byte, else ASCII for a full-width form, else the low byte. `map` is null or has 65,536
/// entries, -1 where it knows no byte. Room: in.size().
std::size_t url_decode_uni(std::string_view in, char* out, const std::int16_t* map = nullptr) noexcept;

/// Everything but letters, digits and * as %xx, the space as +. Room: 3 * in.size().
std::size_t url_encode(std::string_view in, char* out) noexcept;

/// The low byte of a UTF-16 unit, after FF01 to FF5E (full-width forms) were turned into the ASCII they look like.
constexpr char unit_to_byte(std::uint32_t unit) noexcept {
  const auto low = static_cast<unsigned char>(unit & 0xff);
  const bool full_width = (unit & 0xff00) == 0xff00 && low > 0x00 && low < 0x5f;
  return static_cast<char>(full_width ? low + 0x20 : low);
}

}  // namespace gatehouse::filters::text
