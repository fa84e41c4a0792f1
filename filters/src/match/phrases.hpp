// Phrases: finds the first of many phrases in a text, ASCII letter case ignored (Aho and Corasick, 1975). The automaton
// works on classes of bytes that the phrases tell apart, which keeps thousands of phrases within a megabyte or two.
// "First" is the phrase that ends first; among those, the longest. Immutable and shared.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::filters {

class Phrases {
 public:
  /// Empty phrases are left out: they would match everything.
  explicit Phrases(const std::vector<std::string>& phrases);

  /// The phrase's occurrence in `text`, or a null view.
  std::string_view find(std::string_view text) const noexcept;
  bool empty() const noexcept { return lengths_.size() <= 1; }

 private:
  void insert(std::string_view phrase);
  void connect();

  std::uint32_t classes_{1};  // class 0: bytes that occur in no phrase
  std::array<std::uint8_t, 256> class_of_{};
  std::vector<std::uint32_t> next_;     // state * classes_ + class
  std::vector<std::uint32_t> lengths_;  // of the longest phrase that ends in a state; 0: none
};

}  // namespace gatehouse::filters
