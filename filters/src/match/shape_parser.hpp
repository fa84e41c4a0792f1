// ShapeParser: the syntax of regular expressions that rules use (PCRE without recursion, conditions and callouts), to a
// Shape. Look-around and back references become what they can at most be: nothing, or anything. One use.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "match/shape.hpp"

namespace gatehouse::filters {

class ShapeParser {
 public:
  explicit ShapeParser(std::string_view expression) noexcept : text_(expression) {}
  std::optional<Shape> parse();

 private:
  using Node = Shape::Node;
  using Kind = Shape::Kind;
  using At = std::uint32_t;
  static constexpr unsigned depth_max = 200;

  At choice();
  At sequence();
  At repeated(At atom);
  std::optional<std::pair<std::uint32_t, std::uint32_t>> quantifier();
  At atom();
  At group();
  bool flags();
  At escape();
  At byte_class();
  bool class_item(ByteSet& set, int& single);
  bool posix_class(ByteSet& set);
  ByteSet shorthand(char letter, bool& known) const;
  std::optional<unsigned> escaped_byte(char letter);

  At bytes(ByteSet set);
  At assertion(std::string_view text);
  At add(Node node);
  At fail() noexcept { return ok_ = false, 0; }
  bool more() const noexcept { return at_ < text_.size() && ok_; }
  char peek() const noexcept { return text_[at_]; }
  bool take(char c) noexcept { return more() && peek() == c ? (++at_, true) : false; }
  bool take(std::string_view word) noexcept {
    const bool here = ok_ && text_.substr(at_, word.size()) == word;
    at_ += here ? word.size() : 0;
    return here;
  }

  std::string_view text_;
  std::size_t at_{0};
  Shape shape_;
  bool ok_{true};
  bool ignore_case_{false};
  bool multi_line_{false};
  bool dot_all_{true};
  unsigned depth_{0};
};

}  // namespace gatehouse::filters
