#include "transforms/unicode_map.hpp"

#include <charconv>

namespace gatehouse::filters {

namespace {

constexpr std::string_view word_separators = " \t\r";

/// Takes the next word off the front of the line; empty at its end.
std::string_view next_word(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(word_separators);
  if (start == std::string_view::npos) return line = {};
  line.remove_prefix(start);
  const std::string_view word = line.substr(0, line.find_first_of(word_separators));
  line.remove_prefix(word.size());
  return word;
}

/// The whole word as a number, or nothing.
std::optional<unsigned> number(std::string_view word, int base) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// Stores one `HHHH:hh`; false when it is none.
bool store(std::string_view pair, std::int16_t* bytes) {
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos) return false;
  const auto unit = number(pair.substr(0, colon), 16);
  const auto byte = number(pair.substr(colon + 1), 16);
  if (!unit || !byte || *unit > 0xffff || *byte > 0xff) return false;
  bytes[*unit] = static_cast<std::int16_t>(*byte);
  return true;
}

}  // namespace

std::optional<UnicodeMap> UnicodeMap::parse(std::string_view text, unsigned code_page) {
  auto bytes = std::make_unique<Table>();
  bytes->fill(-1);
  bool inside = false, found = false;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
    std::string_view word = next_word(line);
    if (word.empty() || word[0] == '#') continue;
    // A line that starts with a number begins a code page: "20127 (US-ASCII)"; others go on with the pairs.
    const auto page = number(word, 10);
    if (page) {
      inside = *page == code_page;
      found |= inside;
      continue;
    }
    for (; inside && !word.empty(); word = next_word(line)) {
      if (!store(word, bytes->data())) return std::nullopt;
    }
  }
  if (!found) return std::nullopt;
  return UnicodeMap(std::move(bytes));
}

}  // namespace gatehouse::filters
