// @detectSQLi and @detectXSS: does a value, put into a query or a page by a careless program, change its structure?
// Both decide on tokens and grammar in every context the value may have been put into; neither knows any attack by
// heart. Pure functions, linear in the value, no allocation, no exception. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters {

/// The token types around the place that decided, as one letter each: short enough for a log line, stable enough to
/// group attacks by. Plays the part of a fingerprint in TX.0.
class Evidence {
 public:
  static constexpr std::size_t size_max = 16;

  std::string_view text() const noexcept { return {letters_.data(), size_}; }
  void clear() noexcept { size_ = 0; }
  /// Further letters are dropped when it is full.
  void add(char letter) noexcept {
    if (size_ < size_max) letters_[size_++] = letter;
  }

 private:
  std::array<char, size_max> letters_{};
  std::uint8_t size_{0};
};

/// True if the value breaks out of, or continues, a string, number, identifier or comment so that an SQL parser of any
/// of the known dialects would see other structure than a single value. `evidence` is set then and cleared otherwise.
bool detect_sql_injection(std::string_view value, Evidence& evidence) noexcept;

/// True if an HTML parser that finds the value in text, in a tag or in an attribute value would run script from it.
bool detect_xss(std::string_view value) noexcept;

}  // namespace gatehouse::filters
