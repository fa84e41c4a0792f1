// Shape: what a regular expression is made of, read just far enough to say how it looks to texts of certain bytes only.
// within() is the same expression without all that such texts cannot contain: branches that need other bytes are gone,
// and often nothing is left. It matches wherever the original does in such a text, and sometimes elsewhere, since
// look-around is left out, and so is what may follow where a match is already certain: good for a filter whose reports are
// confirmed. Immutable. Pure.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::filters {

using ByteSet = std::bitset<256>;

class Shape {
 public:
  /// Nothing when the expression uses something that is not understood here.
  static std::optional<Shape> parse(std::string_view expression);

  /// The expression for texts of these bytes; nothing when it cannot match any of them.
  std::optional<std::string> within(const ByteSet& bytes) const;
  /// How many places of the expression need bytes that such texts do not have.
  std::size_t lost_within(const ByteSet& bytes) const noexcept;

 private:
  friend class ShapeParser;
  enum class Kind : std::uint8_t { nothing, bytes, assertion, sequence, choice, repeat };
  static constexpr std::uint32_t unbounded = 0xffffffff;

  struct Node {
    Kind kind{Kind::nothing};
    ByteSet bytes;                    // of Kind::bytes
    std::string text;                 // of an assertion
    std::uint32_t least{0}, most{0};  // of a repeat
    std::vector<std::uint32_t> parts;
  };

  /// How a node is printed: for which bytes, and whether nothing follows it.
  struct Print {
    const ByteSet& bytes;
    bool last{false};
    Print inner() const noexcept { return {bytes, false}; }
  };
  bool ignores_case() const noexcept;
  bool print(std::uint32_t node, Print how, std::string& out) const;
  bool print_set(const ByteSet& set, Print how, std::string& out) const;
  bool print_choice(const Node& node, Print how, std::string& out) const;
  bool print_repeat(const Node& node, Print how, std::string& out) const;
  bool print_sequence(const Node& node, Print how, std::string& out) const;

  std::vector<Node> nodes_;
  std::uint32_t root_{0};
  bool ignore_case_{false};  // no set tells the cases of a letter apart, so that one of them need be printed
};

}  // namespace gatehouse::filters
