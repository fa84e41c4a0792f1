// Alphabet: which bytes a text is made of, in four steps from the most harmless. Attacks need bytes that most values do
// not have, so what is searched for in a value depends on it.
#pragma once

#include <cstdint>
#include <string_view>

#include "match/shape.hpp"

namespace gatehouse::filters {

enum class Alphabet : std::uint8_t {
  word,   // letters, digits, _ . -
  prose,  // those and blank , / : + @ ? !
  text,   // ASCII without controls other than tab, CR and LF, and without $ \ ` { } | & < >
  any,
};
inline constexpr std::size_t alphabet_count = 4;

/// The narrowest alphabet that has all bytes of a text.
Alphabet alphabet_of(std::string_view text) noexcept;
const ByteSet& bytes_of(Alphabet alphabet);

}  // namespace gatehouse::filters
