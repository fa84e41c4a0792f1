// SqlGrammar: reads the tokens that follow a break-out and decides whether they make an SQL parser see other structure
// than one value: a further condition, a further row source, a further statement, a call that acts. It is an automaton
// over expressions with one token of look-ahead and no backtracking. Where the tokens stop being SQL it goes on behind
// the next string, since each quote may be the one that breaks out; there it wants stronger signs. One owner, one use.
#pragma once

#include <cstdint>

#include "injection/detect.hpp"
#include "injection/sql_lexer.hpp"

namespace gatehouse::filters::sql {

/// What stands before the tokens.
enum class Start : std::uint8_t {
  value,    // nothing: the value itself is put where a number or a name is expected
  quote,    // a string that the value has just closed; the program's own closing quote will follow
  comment,  // a comment that the value has just closed
  weak,     // some string inside of the value
};

struct BreakOut {
  Start start{Start::value};
  bool after_text{false};  // the break-out quote follows text without a blank between, as in admin'
  bool at_start{false};    // it is the first byte
};

class SqlGrammar {
 public:
  SqlGrammar(SqlLexer& lexer, BreakOut break_out, Evidence& evidence) noexcept
      : lexer_(lexer), break_out_(break_out), evidence_(evidence) {
    begin(break_out.start);
  }

  /// True if the tokens change the structure. Reads each token once.
  bool changes_structure() noexcept;

 private:
  enum class Step : std::uint8_t { on, attack, fail };
  enum class Operand : std::uint8_t { none, number, string, literal, name, variable, call };
  enum class First : std::uint8_t { none, logical, compare, arithmetic, list };
  enum class Place : std::uint8_t { start, direct, stacked };

  /// What was seen since the fragment began.
  struct Chain {
    First first{First::none};          // the operator that joins the fragment to what stands before
    char first_sign{0};
    Operand first_operand{Operand::none};
    Operand last{Operand::none};
    Operand left{Operand::none};       // of the comparison being read
    Token first_token, last_token;
    std::uint32_t operands{0};
    std::uint32_t segment_operands{0}; // since the last logical operator
    bool logical{false};
    bool compare_pending{false};
    bool order_pending{false};         // ... and it is < or >
    bool compare{false};
    bool literal_compare{false};       // a literal was compared with a literal, after a logical operator
    bool literal_order{false};         // the same by < or >
    bool first_is_compare{false};      // the part before any logical operator is a comparison
    bool call{false};
    bool danger{false};
    bool case_{false};
    bool truth{false};                 // the last operand is TRUE or a negation
    bool broke_out{false};             // closed more parentheses than it opened
    bool prose{false};
    bool only_names{true};
  };

  void begin(Start start) noexcept;
  Token take() noexcept;
  const Token& peek() noexcept;
  bool search() noexcept;
  Step step(const Token& token) noexcept;

  Step operand(const Token& token) noexcept;
  Step operand_word(const Token& token) noexcept;
  Step name(const Token& token) noexcept;
  Step call(const Token& token, bool dangerous) noexcept;
  Step complete(Operand kind, const Token& token) noexcept;
  void note_comparison(Operand right) noexcept;
  Step closed_empty(const Token& token) noexcept;

  Step after(const Token& token) noexcept;
  Step after_word(const Token& token) noexcept;
  Step logical(const Token& token) noexcept;
  Step comparison(const Token& token) noexcept;
  Step join(First kind, const Token& token) noexcept;
  Step close() noexcept;
  Step comma(const Token& token) noexcept;
  Step semicolon() noexcept;
  Step skip_name() noexcept;

  // sql_statements.cpp
  Step union_tail() noexcept;
  Step select_list(bool strict) noexcept;
  Step select_item(const Token& token, bool strict) noexcept;
  Step from_clause(bool strict) noexcept;
  Step ordering() noexcept;
  Step limit() noexcept;
  Step into() noexcept;
  Step statement(const Token& token, Place place) noexcept;
  Step data_statement(const Token& token, Place place) noexcept;
  Step procedural_statement(const Token& token, Place place) noexcept;

  // sql_verdict.cpp
  bool conclude(bool comment_follows) const noexcept;
  bool conclude_quote(bool comment_follows) const noexcept;
  bool conclude_value(bool comment_follows) const noexcept;
  bool weak_condition() const noexcept;
  bool cuts_off(const Token& comment) const noexcept;

  bool at_beginning() const noexcept { return chain_.operands == 0 && chain_.first == First::none && depth_ == 0; }
  /// The fragment stands where a value ends for certain: behind a quote, a comment, a number.
  bool strong_start() const noexcept {
    return start_ == Start::quote || start_ == Start::comment || chain_.broke_out || is_literal(chain_.first_operand);
  }
  static bool is_literal(Operand kind) noexcept {
    return kind == Operand::number || kind == Operand::string || kind == Operand::literal;
  }
  static Step yes_if(bool holds) noexcept { return holds ? Step::attack : Step::fail; }
  bool ends(const Token& token) const noexcept {
    return token.kind == Kind::finish || token.kind == Kind::comment || token.kind == Kind::semicolon;
  }

  SqlLexer& lexer_;
  BreakOut break_out_;
  Evidence& evidence_;
  Start start_{Start::value};
  Chain chain_;
  bool expects_operand_{true};
  bool just_opened_{false};
  bool between_{false};
  bool string_open_{false};   // the last operand is a string that reaches the end
  std::uint32_t cases_{0};
  std::uint32_t depth_{0};
  std::uint64_t calls_{0};    // one bit a level: opened by a call; deeper levels count as groups
  Token peeked_;
  bool has_peeked_{false};
};

}  // namespace gatehouse::filters::sql
