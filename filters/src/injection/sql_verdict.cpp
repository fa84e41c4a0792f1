// SqlGrammar's last part: what a fragment that was read to its end amounts to.
#include "injection/sql_grammar.hpp"

namespace gatehouse::filters::sql {

bool SqlGrammar::conclude(bool comment_follows) const noexcept {
  if (expects_operand_ && !at_beginning()) return false;  // breaks off behind an operator: no database would run it
  switch (start_) {
    case Start::quote: case Start::comment: return conclude_quote(comment_follows);
    case Start::value: return conclude_value(comment_follows);
    case Start::weak: return weak_condition();
  }
  return false;
}

/// Some string inside the value was followed by a condition that holds or fails for every row.
bool SqlGrammar::weak_condition() const noexcept {
  return chain_.logical && chain_.literal_compare && !chain_.prose && depth_ == 0;
}

/// 1)-- leaves a parenthesis of the program's without its partner, and with a comment that says nothing.
bool SqlGrammar::cuts_off(const Token& comment) const noexcept {
  if (comment.kind != Kind::comment || start_ != Start::value || !chain_.broke_out || chain_.operands != 1) return false;
  return lexer_.text(comment).find_first_not_of("-#+ /*") == std::string_view::npos;
}

bool SqlGrammar::conclude_quote(bool comment_follows) const noexcept {
  if (chain_.operands == 0) return false;
  // The program's own closing quote has to go somewhere: into a string left open, or behind a comment.
  const bool terminated = comment_follows || string_open_ || start_ == Start::comment;
  const bool only_open_string = chain_.operands == 1 && string_open_;
  if (only_open_string) {
    // x' or 'y: two quotes with an operator between. In English they enclose a word: a blank is before the first one.
    const bool splices = break_out_.after_text || (break_out_.at_start && chain_.first != First::list);
    return chain_.first != First::none && chain_.first != First::list && splices;
  }
  if (chain_.logical) {
    if (chain_.compare || terminated) return true;
    return chain_.truth || (chain_.last == Operand::literal && chain_.segment_operands == 1);
  }
  switch (chain_.first) {
    case First::compare: return terminated;
    case First::arithmetic: {
      // 'some - words - here' is English; other operators, numbers and calls are not.
      const bool dashes = chain_.only_names && chain_.first_sign == '-';
      return terminated && !dashes;
    }
    case First::list: return comment_follows || (terminated && (chain_.compare || chain_.call));
    default: return false;
  }
}

bool SqlGrammar::conclude_value(bool comment_follows) const noexcept {
  if (chain_.danger) return depth_ == 0 && chain_.operands > 0;
  if (!chain_.logical) return chain_.case_ && chain_.compare && depth_ == 0;
  const bool literal_first = is_literal(chain_.first_operand) || chain_.broke_out;
  // "3 < 5 and 7 > 2" is arithmetic; "1 and 2 > 1" adds a condition to a value.
  if (chain_.literal_compare || (chain_.literal_order && !chain_.first_is_compare)) return true;
  if (!literal_first || chain_.prose) return false;
  if (chain_.compare && !chain_.first_is_compare) return true;
  if (chain_.first_is_compare || chain_.segment_operands != 1) return false;
  // A lone operand as condition: true, a call, a variable, the same number again; or code behind it was cut off.
  if (comment_follows || chain_.truth || chain_.call || chain_.last == Operand::variable) return true;
  if (chain_.last == Operand::literal) return chain_.first_operand != Operand::string;
  const bool numbers = chain_.first_operand == Operand::number && chain_.last == Operand::number;
  return numbers && chain_.operands == 2 && lexer_.text(chain_.first_token) == lexer_.text(chain_.last_token);
}

}  // namespace gatehouse::filters::sql
