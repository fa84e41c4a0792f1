// detect_sql_injection(): the places a value may have been put into (bare, in quotes of three kinds, in a comment), the
// break-out from each, and what the grammar says about the rest. A first scan leaves out what cannot be an attack.
#include <algorithm>
#include <array>

#include "injection/detect.hpp"
#include "injection/sql_grammar.hpp"
#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

using sql::BreakOut;
using sql::Dialect;
using sql::Kind;
using sql::SqlGrammar;
using sql::SqlLexer;
using sql::Start;

constexpr std::size_t npos = std::string_view::npos;

// What one byte can contribute; the scan ORs them.
enum Sign : std::uint8_t {
  single_quote = 1,
  double_quote = 2,
  backtick = 4,
  operator_sign = 8,   // bytes that SQL conditions, calls and statements need
  blank = 16,
  backslash = 32,
  dash = 64,
  star = 128,
};

constexpr std::array<std::uint8_t, 256> signs = [] {
  std::array<std::uint8_t, 256> all{};
  for (const char c : {'(', '=', '<', '>', '|', '&', ';', '!', '~', '@', '#', '^', '%', '{'}) all[static_cast<unsigned char>(c)] = operator_sign;
  all['\''] = single_quote;
  all['"'] = double_quote;
  all['`'] = backtick;
  all['\\'] = backslash;
  all['-'] = dash;
  all['*'] = star;
  for (unsigned c = 0; c <= 0x20; ++c) all[c] = blank;
  all[0xa0] = blank;
  all['+'] = blank;
  return all;
}();

std::uint8_t scan(std::string_view value) noexcept {
  std::uint8_t found = 0;
  for (const char c : value) found |= signs[static_cast<unsigned char>(c)];
  return found;
}

/// True if the word is in the text in any letter case.
bool mentions_select(std::string_view value) noexcept {
  for (std::size_t at = 0; (at = value.find_first_of("sS", at)) != npos; ++at) {
    if (text::equals_ignoring_case(value.substr(at, 6), "select")) return true;
  }
  return false;
}

/// Words alone can be an attack on a bare value only behind a number, or as a row source.
bool bare_value_can_attack(std::string_view value, std::uint8_t found) noexcept {
  if ((found & (operator_sign | single_quote | double_quote | backtick)) != 0) return true;
  const std::size_t first = std::min(value.find_first_not_of(" \t\r\n+-.(~"), value.size() - 1);
  if ((found & star) != 0 && value.find("*/") != npos) return true;
  if ((found & dash) != 0 && value.find("--") != npos) return true;
  if ((found & blank) == 0) return false;
  return text::is_digit(value[first]) || value[first] == ')' || mentions_select(value);
}

constexpr bool is_gap(char c) noexcept { return static_cast<unsigned char>(c) <= 0x20; }

/// Blanks, and the dashes and pluses that tools put behind a comment to keep its blank.
bool says_nothing(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_gap(c) || c == '-' || c == '+'; });
}

/// A break-out followed by nothing but a comment cuts off the rest of the statement: admin'--. `quote_at` is where the
/// quote is. Quotation marks around dashes, hashes and paths, and dashes in prose, are told from it.
class Truncation {
 public:
  Truncation(std::string_view value, std::size_t quote_at) noexcept
      : value_(value), quote_at_(quote_at), opens_quotation_(quote_at == 0 || before(value[quote_at - 1])) {}

  bool is_attack(const sql::Token& comment, bool closed_more) const noexcept {
    const std::string_view body = value_.substr(comment.begin);
    const bool hash = body[0] == '#';
    const std::string_view text = body.substr(hash ? 1 : 2);
    if (says_nothing(text)) return !opens_quotation_ || quote_at_ == 0 || comment.blank_before;
    if (opens_quotation_ && !comment.blank_before && !closed_more) return false;  // '#fff', '--help', '/*.js'
    if (body[0] == '/' || closed_more) return true;
    // The dogs' -- and the cats' -- food: a dash in prose stands between blanks, after several words.
    const bool several_words = value_.substr(0, quote_at_).find(' ') != npos;
    return !(several_words && comment.blank_before);
  }

 private:
  static bool before(char c) noexcept { return is_gap(c) || std::string_view("([{=,:;>").find(c) != npos; }

  std::string_view value_;
  std::size_t quote_at_;
  bool opens_quotation_;
};

/// 'word' and "=" in running text: the quotes enclose one short token and nothing is glued to them outside.
bool encloses_a_word(std::string_view value, std::size_t quote_at) noexcept {
  constexpr std::size_t size_max = 12;
  const char quote = value[quote_at];
  const bool starts = quote_at == 0 || is_gap(value[quote_at - 1]) || value[quote_at - 1] == '(' || value[quote_at - 1] == '[';
  const std::size_t close = value.substr(0, quote_at + size_max).find(quote, quote_at + 1);
  if (!starts || close == npos || close == quote_at + 1) return false;
  const std::string_view inside = value.substr(quote_at + 1, close - quote_at - 1);
  const bool whole_value = quote_at == 0 && close + 1 == value.size();
  // '=' as the whole value is how MySQL log-ins are passed; a quoted word is a search.
  if (std::any_of(inside.begin(), inside.end(), is_gap) || (whole_value && !text::is_alnum(inside[0]))) return false;
  return close + 1 == value.size() || std::string_view(" .,;:)!?]").find(value[close + 1]) != npos;
}

bool attacks_from(std::string_view value, std::size_t at, BreakOut break_out, Dialect dialect, Evidence& evidence) noexcept {
  SqlLexer lexer(value, at, dialect);
  SqlGrammar grammar(lexer, break_out, evidence);
  return grammar.changes_structure();
}

bool attacks_bare(std::string_view value, Dialect dialect, Evidence& evidence) noexcept {
  return attacks_from(value, 0, {Start::value, false, true}, dialect, evidence);
}

/// Who reads the string that the value is put into, and who the rest. Where a program doubles quotes and knows nothing of
/// backslashes, MySQL reads \'' as an escaped quote and the end: then the two differ.
struct Readers {
  Dialect content;
  Dialect rest;
};

bool attacks_quoted(std::string_view value, char quote, Readers readers, Evidence& evidence) noexcept {
  const Dialect dialect = readers.rest;
  const std::size_t end = SqlLexer::string_end(value, 0, quote, readers.content);
  if (end == npos) return false;
  const std::size_t quote_at = end - 1;
  SqlLexer lexer(value, end, dialect);
  sql::Token token = lexer.next();
  bool closed_more = false;
  for (; token.kind == Kind::close; token = lexer.next()) closed_more = true;
  if (token.kind == Kind::semicolon) token = lexer.next();
  if (token.kind == Kind::comment) {
    if (!Truncation(value, quote_at).is_attack(token, closed_more)) return false;
    for (const char letter : {'s', 'c'}) evidence.add(letter);
    return true;
  }
  if (encloses_a_word(value, quote_at)) return false;
  const bool at_start = quote_at == 0;
  const bool after_text = !at_start && !is_gap(value[quote_at - 1]);
  return attacks_from(value, end, {Start::quote, after_text, at_start}, dialect, evidence);
}

bool attacks_comment(std::string_view value, Dialect dialect, Evidence& evidence) noexcept {
  const std::size_t close = value.find("*/");
  return close != npos && attacks_from(value, close + 2, {Start::comment, false, false}, dialect, evidence);
}

bool attacks(std::string_view value, std::uint8_t found, Readers readers, Evidence& evidence) noexcept {
  const auto in_quotes = [&](Sign sign, char quote) {
    evidence.clear();
    return (found & sign) != 0 && attacks_quoted(value, quote, readers, evidence);
  };
  if (in_quotes(single_quote, '\'') || in_quotes(double_quote, '"') || in_quotes(backtick, '`')) return true;
  if (readers.content != readers.rest) return false;  // the rest has no such string
  if ((found & star) != 0 && attacks_comment(value, readers.rest, evidence)) return true;
  return bare_value_can_attack(value, found) && attacks_bare(value, readers.rest, evidence);
}

/// True if the families of dialects would cut the value into different tokens.
bool dialects_differ(std::string_view value, std::uint8_t found) noexcept {
  if ((found & backslash) != 0 || value.find('#') != npos) return true;
  if ((found & dash) == 0) return false;
  const std::size_t dashes = value.find("--");
  return dashes != npos && dashes + 2 < value.size();
}

}  // namespace

bool detect_sql_injection(std::string_view value, Evidence& evidence) noexcept {
  evidence.clear();
  if (value.size() < 2) return false;
  const std::uint8_t found = scan(value);
  constexpr std::uint8_t quotes = single_quote | double_quote | backtick;
  if ((found & (quotes | star)) == 0 && !bare_value_can_attack(value, found)) return false;
  if (attacks(value, found, {Dialect::mysql, Dialect::mysql}, evidence)) return true;
  if (dialects_differ(value, found) && attacks(value, found, {Dialect::ansi, Dialect::ansi}, evidence)) return true;
  if ((found & backslash) != 0 && attacks(value, found, {Dialect::ansi, Dialect::mysql}, evidence)) return true;
  evidence.clear();
  return false;
}

}  // namespace gatehouse::filters
