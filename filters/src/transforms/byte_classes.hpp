// ByteClasses: which kinds of bytes and byte pairs occur in a value, as 32 bits made by one scan. The engine takes it
// once per raw value and uses it to leave out transformations and operators that cannot do anything to such a value.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::filters {

enum class ByteClass : std::uint8_t {
  any,              // the value is not empty
  upper,            // A-Z
  lower,            // a-z
  digit,            // 0-9
  percent,          // %
  plus,             // +
  ampersand,        // &
  backslash,        // '\'
  nul,              // 00
  space,            // 20
  other_blank,      // 09-0D
  nbsp,             // A0
  non_ascii,        // 80-FF
  quote,            // ' " `
  caret,            // ^
  separator,        // , ;
  slash,            // /
  paren,            // ( )
  hash,             // #
  angle,            // < >
  equals,           // =
  url_reserved,     // what urlEncode rewrites: anything but letters, digits and *
  dash_pair,        // --
  slash_star,       // /*
  star_slash,       // */
  blank_pair,       // two of space, other_blank, nbsp in a row
  blank_before,     // space before / or (
  slash_pair,       // two of / and '\' in a row
  dot_segment,      // a dot at the start or after / or '\'
  zero_x,           // 0x or 0X
  blank_at_start,   // space, other_blank or nbsp
  blank_at_end,
};

class ByteClasses {
 public:
  constexpr ByteClasses() noexcept = default;
  constexpr explicit ByteClasses(std::uint32_t bits) noexcept : bits_(bits) {}

  constexpr bool has(ByteClass one) const noexcept { return (bits_ >> static_cast<unsigned>(one) & 1u) != 0; }
  constexpr bool has_any(ByteClasses of) const noexcept { return (bits_ & of.bits_) != 0; }
  constexpr std::uint32_t bits() const noexcept { return bits_; }

  /// The set of the classes named.
  template <class... Class>
  static constexpr ByteClasses of(Class... one) noexcept {
    return ByteClasses((0u | ... | (1u << static_cast<unsigned>(one))));
  }

 private:
  std::uint32_t bits_{0};
};

/// One pass over the value, about one load and four register operations a byte.
ByteClasses classify(std::string_view value) noexcept;

}  // namespace gatehouse::filters
