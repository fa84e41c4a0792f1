// UTF-8 (RFC 3629): reading one character, checking a text, and writing characters as %uHHHH. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters::text {

enum class Utf8 : std::uint8_t {
  valid,
  overlong,    // more bytes than the character needs: the classic way around filters
  surrogate,   // D800 to DFFF
  too_large,   // above 10FFFF
  truncated,   // continuation bytes are missing at the end of the text
  stray,       // a continuation byte, FE, FF, or a lead byte without its continuation
};

struct Utf8Char {
  Utf8 kind{Utf8::valid};
  std::uint8_t size{1};     // bytes taken; 1 for truncated and stray
  std::uint32_t code{0};    // for truncated and stray: the byte
};

/// The character at `at`, which must be inside the text.
Utf8Char utf8_at(std::string_view text, std::size_t at) noexcept;

/// True if the text is well-formed UTF-8 throughout.
bool is_valid_utf8(std::string_view text) noexcept;

/// Characters above 7F as %uHHHH (more digits where they are needed), ASCII and stray bytes as they are. Overlong forms
/// and surrogates are written as ModSecurity v2 does: the character they mean, then their first byte. Room:
/// utf8_unicode_room(in.size()).
std::size_t utf8_to_unicode(std::string_view in, char* out) noexcept;
constexpr std::size_t utf8_unicode_room(std::size_t size) noexcept { return size * 4; }

/// Appends the character as UTF-8 to out (room for 4 bytes); the size written.
std::size_t write_utf8(std::uint32_t code, char* out) noexcept;

}  // namespace gatehouse::filters::text
