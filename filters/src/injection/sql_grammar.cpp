#include "injection/sql_grammar.hpp"

namespace gatehouse::filters::sql {

namespace {

char letter_of_word(Word word) noexcept {
  switch (word) {
    case Word::name: case Word::stop: case Word::object: case Word::showable: return 'n';
    case Word::or_: case Word::and_: return '&';
    case Word::compare: case Word::in: case Word::is: case Word::between: return '=';
    case Word::literal: return '1';
    case Word::arithmetic: return 'o';
    case Word::union_: return 'U';
    case Word::select: case Word::insert: case Word::update: case Word::delete_: case Word::drop: case Word::exec: return 'E';
    case Word::order: case Word::group: case Word::having: case Word::where: case Word::limit: return 'B';
    case Word::danger: return 'f';
    default: return 'k';
  }
}

char letter_of(const Token& token) noexcept {
  switch (token.kind) {
    case Kind::number: return '1';
    case Kind::string: case Kind::open_string: return 's';
    case Kind::word: return letter_of_word(token.word);
    case Kind::variable: return 'v';
    case Kind::logical: return '&';
    case Kind::compare: return '=';
    case Kind::arithmetic: return 'o';
    case Kind::bang: return '!';
    case Kind::open: return '(';
    case Kind::close: return ')';
    case Kind::comma: return ',';
    case Kind::semicolon: return ';';
    case Kind::dot: return '.';
    case Kind::comment: case Kind::comment_end: return 'c';
    default: return 'x';
  }
}

/// Keywords that databases let stand for a column, too.
bool may_be_name(Word word) noexcept {
  switch (word) {
    case Word::name: case Word::stop: case Word::danger: case Word::object: case Word::showable: case Word::delay:
    case Word::open: case Word::use: case Word::copy: case Word::load: case Word::print: case Word::call: case Word::do_:
    case Word::kill: case Word::show: case Word::file: case Word::prepare: case Word::merge: case Word::backup:
    case Word::attach: case Word::pragma: case Word::escape: case Word::top: case Word::bulk: case Word::grant:
      return true;
    default: return false;
  }
}

bool starts_statement(Word word) noexcept { return word >= Word::if_ && word <= Word::grant && word != Word::delay; }

}  // namespace

void SqlGrammar::begin(Start start) noexcept {
  start_ = start;
  chain_ = {};
  // Behind a quote an operand is complete: the string that was closed.
  expects_operand_ = start == Start::value;
  just_opened_ = between_ = string_open_ = false;
  cases_ = depth_ = 0;
  calls_ = 0;
  evidence_.clear();
  if (start == Start::quote || start == Start::weak) evidence_.add('s');
}

Token SqlGrammar::take() noexcept {
  const Token token = peek();
  has_peeked_ = false;
  if (token.kind != Kind::finish) evidence_.add(letter_of(token));
  return token;
}

const Token& SqlGrammar::peek() noexcept {
  // The end of a comment that MySQL runs is nothing; behind a comment that the value closed it closes another one.
  while (!has_peeked_) {
    peeked_ = lexer_.next();
    has_peeked_ = peeked_.kind != Kind::comment_end || break_out_.start == Start::comment;
  }
  return peeked_;
}

bool SqlGrammar::changes_structure() noexcept {
  for (;;) {
    const Token token = take();
    if (token.kind == Kind::finish || token.kind == Kind::comment) {
      if (conclude(token.kind == Kind::comment) || cuts_off(token)) return true;
      if (token.kind == Kind::finish) return false;
    }
    const Step made = step(token);
    if (made == Step::attack) return true;
    if (made != Step::fail) continue;
    if (token.kind == Kind::string) {
      begin(Start::weak);
    } else if (!search()) {
      return false;
    }
  }
}

SqlGrammar::Step SqlGrammar::step(const Token& token) noexcept {
  if (token.kind == Kind::comment_end) return begin(Start::comment), Step::on;
  // Behind a comment both an operand and an operator may come.
  if (start_ == Start::comment && at_beginning()) {
    const bool is_operand = token.kind == Kind::number || token.kind == Kind::string || token.kind == Kind::variable ||
                            token.kind == Kind::open || (token.kind == Kind::word && may_be_name(token.word));
    if (is_operand) return operand(token);
  }
  return expects_operand_ ? operand(token) : after(token);
}

/// Goes on behind the next string after the tokens stopped being SQL. False when there is none.
bool SqlGrammar::search() noexcept {
  for (;;) {
    const Token token = take();
    if (token.kind == Kind::finish) return false;
    if (token.kind == Kind::string && token.sign != '`') return begin(Start::weak), true;
    if (token.kind == Kind::comment_end && break_out_.start == Start::comment) return begin(Start::comment), true;
  }
}

SqlGrammar::Step SqlGrammar::operand(const Token& token) noexcept {
  const bool opened = just_opened_;
  if (token.kind != Kind::close) just_opened_ = false;
  switch (token.kind) {
    case Kind::number: return complete(Operand::number, token);
    case Kind::open_string: string_open_ = true; [[fallthrough]];
    case Kind::string: return complete(Operand::string, token);
    case Kind::variable: return complete(Operand::variable, token);
    case Kind::word:
      just_opened_ = opened;
      return operand_word(token);
    case Kind::open:
      if (depth_ < 64) calls_ &= ~(std::uint64_t{1} << depth_);
      ++depth_;
      just_opened_ = true;
      // ODBC's {name expression}
      if (token.sign == '{' && peek().kind == Kind::word && peek().word != Word::select) take();
      return Step::on;
    case Kind::close: return opened ? closed_empty(token) : start_ == Start::value && at_beginning() ? close() : Step::fail;
    case Kind::bang: chain_.truth = true; return Step::on;
    case Kind::arithmetic:
      if (token.sign == '*' && opened) return complete(Operand::name, token);
      chain_.truth |= token.sign == '~';
      return token.sign == '+' || token.sign == '-' || token.sign == '~' ? Step::on : Step::fail;
    case Kind::logical: case Kind::semicolon: return at_beginning() ? after(token) : Step::fail;
    default: return Step::fail;
  }
}

SqlGrammar::Step SqlGrammar::operand_word(const Token& token) noexcept {
  const bool opened = just_opened_;
  just_opened_ = false;
  const bool beginning = start_ == Start::value && at_beginning();
  switch (token.word) {
    case Word::literal:
      if (peek().kind == Kind::open) return call(token, false);
      return complete(Operand::literal, token);
    case Word::not_: chain_.truth = true; return Step::on;
    case Word::unary: case Word::distinct: case Word::all: return Step::on;
    case Word::case_: ++cases_; chain_.case_ = true; return Step::on;
    case Word::when: return cases_ > 0 ? Step::on : Step::fail;
    case Word::select:
      if (opened) return select_list(!strong_start() && chain_.first == First::none);
      return beginning ? statement(token, Place::start) : Step::fail;
    case Word::or_: case Word::and_: case Word::union_: case Word::having: case Word::order: case Word::group:
      return beginning ? after(token) : Step::fail;
    default: break;
  }
  if (may_be_name(token.word) && !(beginning && starts_statement(token.word) && peek().kind != Kind::open)) return name(token);
  if (peek().kind == Kind::open && !peek().blank_before) return call(token, false);
  if (beginning && starts_statement(token.word)) return statement(token, Place::start);
  return Step::fail;
}

/// A name with its qualifiers; a call if a parenthesis follows.
SqlGrammar::Step SqlGrammar::name(const Token& token) noexcept {
  bool dangerous = token.word == Word::danger;
  if (token.word == Word::stop) chain_.prose = true;
  while (peek().kind == Kind::dot) {
    take();
    dangerous = is_dangerous_package(lexer_.text(token));
    if (peek().kind == Kind::word) take();
  }
  if (peek().kind != Kind::open) return complete(Operand::name, token);
  // "Colour (select one)": prose has a blank before its parentheses.
  const bool prose = start_ == Start::value && at_beginning() && peek().blank_before;
  return prose ? Step::fail : call(token, dangerous);
}

SqlGrammar::Step SqlGrammar::call(const Token&, bool dangerous) noexcept {
  take();  // the parenthesis
  if (depth_ < 64) calls_ |= std::uint64_t{1} << depth_;
  ++depth_;
  just_opened_ = true;
  expects_operand_ = true;
  chain_.call = true;
  chain_.danger |= dangerous;
  // Alone, such a call is an attack only if the value is nothing else; conclude() sees to that.
  const bool joined = start_ == Start::quote || start_ == Start::comment || chain_.first != First::none;
  return dangerous && joined && peek().kind != Kind::close && peek().kind != Kind::finish ? Step::attack : Step::on;
}

SqlGrammar::Step SqlGrammar::closed_empty(const Token& token) noexcept {
  just_opened_ = false;
  const bool was_call = depth_ <= 64 && (calls_ >> (depth_ - 1) & 1u) != 0;
  if (!was_call) return Step::fail;
  --depth_;
  return complete(Operand::call, token);
}

void SqlGrammar::note_comparison(Operand right) noexcept {
  chain_.compare_pending = false;
  chain_.compare = true;
  if (!chain_.logical) chain_.first_is_compare = true;
  const bool literals = is_literal(chain_.left) && is_literal(right);
  const bool counts = literals && (chain_.logical || start_ == Start::comment);
  chain_.literal_order |= counts && chain_.order_pending;
  chain_.literal_compare |= counts && !chain_.order_pending;
}

SqlGrammar::Step SqlGrammar::complete(Operand kind, const Token& token) noexcept {
  if (chain_.compare_pending) note_comparison(kind);
  if (chain_.first_operand == Operand::none) chain_.first_operand = kind, chain_.first_token = token;
  chain_.only_names &= kind == Operand::name || kind == Operand::string;
  chain_.last = kind;
  chain_.last_token = token;
  ++chain_.operands;
  ++chain_.segment_operands;
  expects_operand_ = false;
  return Step::on;
}

SqlGrammar::Step SqlGrammar::after(const Token& token) noexcept {
  switch (token.kind) {
    case Kind::logical: return logical(token);
    case Kind::compare: return comparison(token);
    case Kind::arithmetic: return join(First::arithmetic, token);
    case Kind::bang: return comparison(token);
    case Kind::comma: return comma(token);
    case Kind::close: return close();
    case Kind::semicolon: return semicolon();
    case Kind::word: return after_word(token);
    case Kind::string: case Kind::open_string:
      // MySQL joins strings that stand next to each other.
      return start_ == Start::quote && chain_.logical && chain_.last == Operand::string ? operand(token) : Step::fail;
    default: return Step::fail;
  }
}

SqlGrammar::Step SqlGrammar::after_word(const Token& token) noexcept {
  switch (token.word) {
    case Word::or_: case Word::having: case Word::where: return logical(token);
    case Word::and_:
      if (!between_) return logical(token);
      between_ = false;
      expects_operand_ = true;
      return Step::on;
    case Word::not_: return Step::on;  // NOT IN, NOT LIKE, ...
    case Word::compare: return comparison(token);
    case Word::in: return peek().kind == Kind::open || peek().kind == Kind::variable ? comparison(token) : Step::fail;
    case Word::between: between_ = true; return comparison(token);
    case Word::is:
      if (peek().kind == Kind::word && peek().word == Word::not_) take();
      return peek().kind == Kind::word && (peek().word == Word::literal || peek().word == Word::distinct) ? comparison(token)
                                                                                                          : Step::fail;
    case Word::arithmetic: return join(First::arithmetic, token);
    case Word::when: case Word::then: case Word::else_:
      expects_operand_ = true;
      return cases_ > 0 ? Step::on : Step::fail;
    case Word::end:
      if (cases_ == 0) return Step::fail;
      --cases_;
      return complete(Operand::call, token);
    case Word::union_: return union_tail();
    case Word::order: case Word::group: return ordering();
    case Word::limit: return limit();
    case Word::procedure: return skip_name() == Step::on ? yes_if(strong_start() && peek().kind == Kind::open) : Step::fail;
    case Word::into: return into();
    case Word::as: case Word::collate: return skip_name();
    case Word::from: case Word::escape:
      expects_operand_ = true;
      return depth_ > 0 || token.word == Word::escape ? Step::on : Step::fail;
    case Word::danger:
      return yes_if(start_ == Start::quote && chain_.first == First::none && peek().kind == Kind::open);
    default: break;
  }
  if (starts_statement(token.word)) return strong_start() ? statement(token, Place::direct) : Step::fail;
  // CAST(x AS t), SUBSTRING(x FROM 1 FOR 2), CONVERT(x USING y): inside a call words may stand between operands.
  if (depth_ == 0 || chain_.operands == 0 || token.word == Word::select) return Step::fail;
  if (peek().kind == Kind::number) expects_operand_ = true;
  return Step::on;
}

SqlGrammar::Step SqlGrammar::skip_name() noexcept { return take().kind == Kind::word ? Step::on : Step::fail; }

SqlGrammar::Step SqlGrammar::join(First kind, const Token& token) noexcept {
  if (chain_.first == First::none && depth_ == 0) chain_.first = kind, chain_.first_sign = token.sign;
  expects_operand_ = true;
  return Step::on;
}

SqlGrammar::Step SqlGrammar::logical(const Token& token) noexcept {
  chain_.logical = true;
  chain_.compare_pending = false;
  chain_.truth = false;
  chain_.segment_operands = 0;
  return join(First::logical, token);
}

SqlGrammar::Step SqlGrammar::comparison(const Token& token) noexcept {
  chain_.compare_pending = true;
  chain_.order_pending = (token.sign == '<' || token.sign == '>') && token.end - token.begin == 1;
  chain_.left = chain_.operands == 0 ? Operand::string : chain_.last;
  return join(First::compare, token);
}

SqlGrammar::Step SqlGrammar::comma(const Token& token) noexcept {
  chain_.compare_pending = false;
  return join(First::list, token);
}

SqlGrammar::Step SqlGrammar::close() noexcept {
  expects_operand_ = false;
  if (depth_ == 0) {
    chain_.broke_out = true;
    return Step::on;
  }
  --depth_;
  if (depth_ < 64 && (calls_ >> depth_ & 1u) != 0) chain_.last = Operand::call;
  return Step::on;
}

SqlGrammar::Step SqlGrammar::semicolon() noexcept {
  const Kind next = peek().kind;
  if (next == Kind::finish || next == Kind::open_string) return conclude(false) ? Step::attack : Step::fail;
  if (next == Kind::comment) return yes_if(strong_start() && (start_ != Start::value || chain_.first == First::none));
  return next == Kind::word ? statement(take(), Place::stacked) : Step::fail;
}

}  // namespace gatehouse::filters::sql
