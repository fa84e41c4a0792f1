#include "injection/html_tokenizer.hpp"

#include <algorithm>

#include "text/ascii.hpp"

namespace gatehouse::filters::html {

namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";

}  // namespace

std::string_view HtmlTokenizer::take_until(std::string_view ends) noexcept {
  const std::size_t end = std::min(value_.find_first_of(ends, at_), value_.size());
  const std::string_view taken = value_.substr(at_, end - at_);
  at_ = end;
  return taken;
}

std::string_view HtmlTokenizer::text_ahead() const noexcept {
  return value_.substr(at_, std::min(value_.find('<', at_), value_.size()) - at_);
}

Token HtmlTokenizer::next() noexcept {
  Token token;
  while (at_ < value_.size()) {
    if (inside_tag_) {
      // A slash between attributes is nothing: <svg/onload=...>
      at_ = std::min(value_.find_first_not_of(" \t\n\r\f\v/\0", at_, 8), value_.size());
      if (at_ == value_.size()) break;
      if (peek() != '>') return attribute();
      ++at_;
      inside_tag_ = false;
      token.part = Part::tag_closed;
      return token;
    }
    if (text(token)) return token;
  }
  return token;
}

/// Goes to the next piece of markup; false when what looked like it was text.
bool HtmlTokenizer::text(Token& token) noexcept {
  at_ = std::min(value_.find('<', at_), value_.size());
  if (at_ == value_.size()) return false;
  ++at_;
  markup(token);
  return token.part != Part::finish;
}

/// What a < begins.
void HtmlTokenizer::markup(Token& token) noexcept {
  const bool ends = peek() == '/';
  if (text::is_alpha(peek(ends ? 1 : 0))) {
    if (ends) ++at_;
    token.part = ends ? Part::end_tag : Part::tag;
    token.name = take_until(" \t\n\r\f\v/>");
    inside_tag_ = true;
  } else if (peek() == '!') {
    ++at_;
    // In SVG and MathML a CDATA section is text; what it holds is read like any other.
    if (value_.compare(at_, 7, "[CDATA[") == 0) {
      at_ += 7;
    } else {
      token = comment();
    }
  } else if (peek() == '?' || ends) {
    token.part = peek() == '?' ? Part::instruction : Part::comment;
    ++at_;
    token.name = take_until(">");
  }
}

/// A comment after its "<!": <!-- ... -->, or anything up to a >.
Token HtmlTokenizer::comment() noexcept {
  Token token;
  token.part = Part::comment;
  if (peek() != '-' || peek(1) != '-') {
    token.name = take_until(">");
    return token;
  }
  at_ += 2;
  // 13.2.5.43: <!--> and <!---> are comments, and --!> ends one, too.
  if (peek() == '>' || (peek() == '-' && peek(1) == '>')) return token;
  const std::size_t start = at_;
  for (std::size_t end = value_.find("--", at_); end != std::string_view::npos; end = value_.find("--", end + 1)) {
    const bool closes = value_.compare(end + 2, 1, ">") == 0 || value_.compare(end + 2, 2, "!>") == 0;
    if (!closes) continue;
    token.name = value_.substr(start, end - start);
    at_ = end + 2;
    return token;
  }
  token.name = value_.substr(start);
  at_ = value_.size();
  return token;
}

Token HtmlTokenizer::attribute() noexcept {
  Token token;
  token.part = Part::attribute;
  const std::size_t start = at_;
  if (peek() == '=') ++at_;  // 13.2.5.32: a name may begin with one
  take_until(" \t\n\r\f\v/>=");
  token.name = value_.substr(start, at_ - start);
  const std::size_t next = std::min(value_.find_first_not_of(blanks, at_), value_.size());
  if (next == value_.size() || value_[next] != '=') return token;
  at_ = std::min(value_.find_first_not_of(blanks, next + 1), value_.size());
  token.has_value = true;
  token.value = attribute_value();
  return token;
}

std::string_view HtmlTokenizer::attribute_value() noexcept {
  const char quote = peek();
  if (quote != '"' && quote != '\'') return take_until(" \t\n\r\f\v>");
  ++at_;
  const std::string_view taken = take_until({&quote, 1});
  if (at_ < value_.size()) ++at_;
  return taken;
}

}  // namespace gatehouse::filters::html
