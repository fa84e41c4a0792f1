#include "injection/sql_lexer.hpp"

#include <algorithm>

#include "text/ascii.hpp"

namespace gatehouse::filters::sql {

namespace {

constexpr std::size_t npos = std::string_view::npos;

// Databases take every control character for a blank somewhere.
constexpr bool is_space(char c) noexcept { return static_cast<unsigned char>(c) <= 0x20 || c == '\x7f'; }

/// Bytes of names. The backslash has no meaning outside of strings but \N; as part of a name it does no harm.
constexpr bool is_name_byte(char c) noexcept {
  return text::is_alnum(c) || c == '_' || c == '$' || c == '\\' || (static_cast<unsigned char>(c) >= 0x80);
}

}  // namespace

std::size_t SqlLexer::string_end(std::string_view value, std::size_t at, char quote, Dialect dialect) noexcept {
  for (; at < value.size(); ++at) {
    if (value[at] == '\\' && dialect == Dialect::mysql && quote != '`') {
      ++at;
    } else if (value[at] == quote) {
      if (at + 1 == value.size() || value[at + 1] != quote) return at + 1;
      ++at;  // a doubled quote is one of the string's characters
    }
  }
  return npos;
}

Token SqlLexer::token(Kind kind, std::size_t size) noexcept {
  Token made;
  made.kind = kind;
  made.sign = peek();
  made.begin = at_;
  at_ = std::min(at_ + size, value_.size());
  made.end = at_;
  return made;
}

bool SqlLexer::skip_blanks() noexcept {
  const std::size_t start = at_;
  while (at_ < value_.size()) {
    // A no-break space is a blank for MySQL, unless it is the tail of a longer UTF-8 character.
    const bool nbsp = value_[at_] == '\xa0' && (at_ == 0 || static_cast<unsigned char>(value_[at_ - 1]) < 0x80);
    if (!is_space(value_[at_]) && !nbsp) break;
    ++at_;
  }
  return at_ != start;
}

bool SqlLexer::line_comment_here() const noexcept {
  if (peek() == '#') return dialect_ == Dialect::mysql;
  if (peek() != '-' || peek(1) != '-') return false;
  return dialect_ == Dialect::ansi || at_ + 2 >= value_.size() || is_space(value_[at_ + 2]);
}

/// Goes over a comment that code follows. One that reaches the end becomes `token`, and the result is false.
bool SqlLexer::skip_comment(Token& token) noexcept {
  const bool block = peek() == '/' && peek(1) == '*';
  if (block && peek(2) == '!') {
    // MySQL runs what is in /*! */; its end is met later, as a comment_end.
    at_ += 3;
    while (text::is_digit(peek())) ++at_;
    return true;
  }
  const std::size_t close = block ? value_.find("*/", at_ + 2) : value_.find_first_of("\r\n", at_);
  const std::size_t end = close == npos ? value_.size() : close + (block ? 2 : 1);
  const bool code_follows = end < value_.size() || (block && close != npos);
  if (!code_follows) token = this->token(Kind::comment, end - at_);
  at_ = end;
  return code_follows;
}

Token SqlLexer::next() noexcept {
  bool blank = at_ == 0;
  Token found;
  for (;;) {
    blank |= skip_blanks();
    if (at_ >= value_.size()) {
      found.begin = found.end = value_.size();
      break;
    }
    const bool block = peek() == '/' && peek(1) == '*';
    if (!block && !line_comment_here()) {
      found = symbol();
      if (found.end != found.begin) break;
      continue;  // junk that some database reads as nothing
    }
    if (!skip_comment(found)) break;
    blank = true;
  }
  found.blank_before = blank;
  return found;
}

Token SqlLexer::symbol() noexcept {
  const char c = peek(), after = peek(1);
  if (text::is_digit(c) || (c == '.' && text::is_digit(after))) return number();
  if (is_name_byte(c) && c != '$') return word();
  switch (c) {
    case '\'': case '"': case '`': return quoted();
    case '@': case ':': case '?': return variable();
    case '$': return dollar();
    case '[': return bracketed();
    case '(': case '{': return token(Kind::open, 1);
    case ')': case '}': return token(Kind::close, 1);
    case ',': return token(Kind::comma, 1);
    case ';': return token(Kind::semicolon, 1);
    case '.': return token(Kind::dot, 1);
    case '|': case '&': return after == c ? token(Kind::logical, 2) : token(Kind::arithmetic, 1);
    case '=': return token(Kind::compare, after == '=' ? 2 : 1);
    case '<':
      if (after == '<') return token(Kind::arithmetic, 2);
      return token(Kind::compare, after != '=' && after != '>' ? 1 : peek(2) == '>' ? 3 : 2);
    case '>': return after == '>' ? token(Kind::arithmetic, 2) : token(Kind::compare, after == '=' ? 2 : 1);
    case '!': return after == '=' || after == '~' ? token(Kind::compare, 2) : token(Kind::bang, 1);
    case '^': return after == '=' ? token(Kind::compare, 2) : token(Kind::arithmetic, 1);
    case '*': return after == '/' ? token(Kind::comment_end, 2) : token(Kind::arithmetic, 1);
    case '-': return token(Kind::arithmetic, after != '>' ? 1 : peek(2) == '>' ? 3 : 2);
    case '+': case '/': case '%': case '~': return token(Kind::arithmetic, 1);
    default: return token(Kind::other, 1);
  }
}

Token SqlLexer::quoted() noexcept {
  const char quote = peek();
  const std::size_t end = string_end(value_, at_ + 1, quote, dialect_);
  if (end == npos) return token(Kind::open_string, value_.size() - at_);
  Token made = token(quote == '`' ? Kind::word : Kind::string, end - at_);
  return made;
}

Token SqlLexer::number() noexcept {
  std::size_t size = 0;
  const auto digits = [&] {
    while (text::is_digit(peek(size))) ++size;
  };
  if (peek() == '0' && ((peek(1) | 0x20) == 'x') && text::is_hex(peek(2))) {
    for (size = 2; text::is_hex(peek(size));) ++size;
    return token(Kind::number, size);
  }
  digits();
  const bool point = peek(size) == '.';
  if (point) ++size;
  digits();
  if ((peek(size) | 0x20) == 'e') {
    const std::size_t sign = peek(size + 1) == '+' || peek(size + 1) == '-' ? 1 : 0;
    if (text::is_digit(peek(size + 1 + sign))) {
      size += 1 + sign;
      digits();
    } else if (point && !is_name_byte(peek(size + 1))) {
      // MySQL reads "1.e" before anything but digits as nothing at all.
      at_ += size + 1;
      return {Kind::other, Word::name, 0, false, at_, at_};
    }
  }
  return token(Kind::number, size);
}

Token SqlLexer::word() noexcept {
  std::size_t size = 0;
  while (is_name_byte(peek(size)) && at_ + size < value_.size()) ++size;
  const std::string_view text = value_.substr(at_, size);
  if ((text == "q" || text == "Q") && peek(size) == '\'') return q_quoted();
  // N'..', E'..', X'..', _utf8'..': marks of a string's kind belong to the string.
  const bool mark = peek(size) == '\'' && (text[0] == '_' || (size == 1 && std::string_view("nNeExXbBuU").find(text[0]) != npos));
  if (mark) {
    const std::size_t begin = at_;
    at_ += size;
    Token made = quoted();
    made.begin = begin;
    return made;
  }
  Token made = token(Kind::word, size);
  made.word = word_of(text);
  return made;
}

/// Oracle's q'[..]', with any character as the bracket.
Token SqlLexer::q_quoted() noexcept {
  constexpr std::string_view opening = "[({<", closing = "])}>";
  const std::size_t pair = opening.find(peek(2));
  const char ending[] = {pair == npos ? peek(2) : closing[pair], '\'', '\0'};
  const std::size_t close = value_.find(ending, std::min(at_ + 3, value_.size()));
  return close == npos ? token(Kind::open_string, value_.size() - at_) : token(Kind::string, close + 2 - at_);
}

Token SqlLexer::variable() noexcept {
  const char c = peek();
  if (c == '?') return token(Kind::variable, 1);
  if (c == '@' && peek(1) == '>') return token(Kind::compare, 2);
  if (c == ':' && (peek(1) == ':' || peek(1) == '=')) return token(peek(1) == ':' ? Kind::arithmetic : Kind::compare, 2);
  std::size_t size = c == '@' && peek(1) == '@' ? 2 : 1;
  const std::size_t start = size;
  if (c == '@' && (peek(size) == '`' || peek(size) == '\'' || peek(size) == '"')) {
    const std::size_t end = string_end(value_, at_ + size + 1, peek(size), dialect_);
    if (end != npos) return token(Kind::variable, end - at_);
  }
  while (at_ + size < value_.size() && (is_name_byte(peek(size)) || (c == '@' && peek(size) == '.'))) ++size;
  // MySQL has a variable without a name, too.
  return size > start || c == '@' ? token(Kind::variable, size) : token(Kind::other, 1);
}

/// PostgreSQL's $$..$$ and $tag$..$tag$, and $1.
Token SqlLexer::dollar() noexcept {
  std::size_t size = 1;
  while (text::is_alnum(peek(size)) || peek(size) == '_') ++size;
  const bool opens = peek(size) == '$' && !text::is_digit(peek(1));
  if (!opens) return token(size > 1 ? Kind::variable : Kind::other, size);
  const std::string_view tag = value_.substr(at_, size + 1);
  const std::size_t close = value_.find(tag, at_ + tag.size());
  return close == npos ? token(Kind::open_string, value_.size() - at_) : token(Kind::string, close + tag.size() - at_);
}

/// SQL Server's [name].
Token SqlLexer::bracketed() noexcept {
  const std::size_t close = brackets_ ? value_.find(']', at_) : npos;
  brackets_ = close != npos;
  return brackets_ ? token(Kind::word, close + 1 - at_) : token(Kind::other, 1);
}

}  // namespace gatehouse::filters::sql
