// SqlLexer: cuts a value into SQL tokens the way the databases do, from any place on. It never fails: what is no token
// of SQL is `other`. Two families of dialects differ in what hides code: MySQL escapes quotes with a backslash, wants a
// blank after -- and knows #; the others do none of that. Looks at each byte a bounded number of times, allocates
// nothing. One owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "injection/sql_words.hpp"

namespace gatehouse::filters::sql {

enum class Kind : std::uint8_t {
  finish,         // the end of the value
  number,
  string,
  open_string,    // reaches the end of the value
  word,           // see Token::word; quoted identifiers are names
  variable,       // @x, @@x, :x, $1, ?
  logical,        // || &&
  compare,        // = <> != < > <= >= <=> := and the like
  arithmetic,     // + - * / % ^ & | << >> ~ :: ->
  bang,           // !
  open, close,    // ( ) and the braces of ODBC escapes
  comma, semicolon, dot,
  comment,        // one that reaches the end of the value
  comment_end,    // a */ that closes nothing
  other,
};

struct Token {
  Kind kind{Kind::finish};
  Word word{Word::name};
  char sign{0};             // the operator's first byte
  bool blank_before{false};
  std::size_t begin{0};
  std::size_t end{0};
};

enum class Dialect : std::uint8_t { mysql, ansi };

class SqlLexer {
 public:
  SqlLexer(std::string_view value, std::size_t at, Dialect dialect) noexcept
      : value_(value), at_(at), dialect_(dialect) {}

  Token next() noexcept;
  std::string_view text(const Token& token) const noexcept { return value_.substr(token.begin, token.end - token.begin); }
  std::string_view value() const noexcept { return value_; }

  /// The index behind the quote that closes a string whose content starts at `at`; npos when none does.
  static std::size_t string_end(std::string_view value, std::size_t at, char quote, Dialect dialect) noexcept;

 private:
  char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < value_.size() ? value_[at_ + ahead] : '\0'; }
  bool skip_blanks() noexcept;
  bool skip_comment(Token& token) noexcept;
  bool line_comment_here() const noexcept;
  Token token(Kind kind, std::size_t size) noexcept;
  Token quoted() noexcept;
  Token number() noexcept;
  Token word() noexcept;
  Token q_quoted() noexcept;
  Token variable() noexcept;
  Token bracketed() noexcept;
  Token dollar() noexcept;
  Token symbol() noexcept;

  std::string_view value_;
  std::size_t at_;
  Dialect dialect_;
  bool brackets_{true};  // off after one that was not closed, so that none is searched for twice
};

}  // namespace gatehouse::filters::sql
