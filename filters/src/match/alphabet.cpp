#include "match/alphabet.hpp"

#include <array>

namespace gatehouse::filters {

namespace {

constexpr Alphabet narrowest(unsigned byte) noexcept {
  constexpr std::string_view word = "_.-", prose = " ,/:+@?!", special = "$\\`{}|&<>";
  const char c = static_cast<char>(byte);
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (letter || (c >= '0' && c <= '9') || word.find(c) != std::string_view::npos) return Alphabet::word;
  if (prose.find(c) != std::string_view::npos) return Alphabet::prose;
  const bool control = byte < ' ' && c != '\t' && c != '\n' && c != '\r';
  return control || byte >= 127 || special.find(c) != std::string_view::npos ? Alphabet::any : Alphabet::text;
}

/// One bit for each alphabet beyond the first that a byte is too much for: the bits of all bytes are joined, and the
/// alphabets are nested, so the number of bits says which one has them all.
constexpr std::array<std::uint8_t, 256> beyond = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = static_cast<std::uint8_t>((1u << static_cast<unsigned>(narrowest(byte))) - 1);
  return table;
}();

ByteSet set_of(Alphabet alphabet) {
  ByteSet set;
  for (unsigned byte = 0; byte < 256; ++byte) set[byte] = narrowest(byte) <= alphabet;
  return set;
}

}  // namespace

Alphabet alphabet_of(std::string_view text) noexcept {
  unsigned found = 0;
  for (const char c : text) found |= beyond[static_cast<unsigned char>(c)];
  return static_cast<Alphabet>(__builtin_popcount(found));
}

const ByteSet& bytes_of(Alphabet alphabet) {
  static const std::array<ByteSet, alphabet_count> sets{set_of(Alphabet::word), set_of(Alphabet::prose), set_of(Alphabet::text), set_of(Alphabet::any)};
  return sets[static_cast<std::size_t>(alphabet)];
}

}  // namespace gatehouse::filters
