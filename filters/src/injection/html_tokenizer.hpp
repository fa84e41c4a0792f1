// HtmlTokenizer: cuts a value into HTML tags and attributes the way browsers do (HTML Living Standard 13.2.5), from text
// or from the middle of a tag on. What browsers only display is passed over. Looks at each byte once, allocates nothing;
// views point into the value. One owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters::html {

enum class Part : std::uint8_t {
  finish,
  tag,          // a start tag's name
  end_tag,
  attribute,    // with its value as written, without quotes
  tag_closed,   // the > of a tag
  comment,
  instruction,  // <?...>
};

struct Token {
  Part part{Part::finish};
  std::string_view name;   // of tags and attributes; the text of comments and instructions
  std::string_view value;
  bool has_value{false};
};

class HtmlTokenizer {
 public:
  HtmlTokenizer(std::string_view value, std::size_t at, bool inside_tag) noexcept
      : value_(value), at_(at), inside_tag_(inside_tag) {}

  Token next() noexcept;
  /// The text from here to the next tag of any kind.
  std::string_view text_ahead() const noexcept;

 private:
  bool text(Token& token) noexcept;
  void markup(Token& token) noexcept;
  Token comment() noexcept;
  Token attribute() noexcept;
  std::string_view attribute_value() noexcept;
  std::string_view take_until(std::string_view ends) noexcept;
  char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < value_.size() ? value_[at_ + ahead] : '\0'; }

  std::string_view value_;
  std::size_t at_;
  bool inside_tag_;
};

}  // namespace gatehouse::filters::html
