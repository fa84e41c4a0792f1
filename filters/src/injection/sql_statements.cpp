// SqlGrammar's part for whole statements and for the clauses that may follow a condition. A statement word alone is
// English; it counts with the token that SQL wants next.
#include "injection/sql_grammar.hpp"

namespace gatehouse::filters::sql {

namespace {

bool is_word(const Token& token, Word word) noexcept { return token.kind == Kind::word && token.word == word; }

bool is_plain_name(const Token& token) noexcept {
  return token.kind == Kind::word && (token.word == Word::name || token.word == Word::object || token.word == Word::showable ||
                                      token.word == Word::danger);
}

/// What may follow an item of a select list.
bool ends_item(const Token& token) noexcept {
  switch (token.kind) {
    case Kind::comma: case Kind::finish: case Kind::comment: case Kind::close: case Kind::semicolon: case Kind::arithmetic:
    case Kind::logical: case Kind::compare: case Kind::dot: case Kind::comment_end: return true;
    case Kind::word:
      return token.word == Word::from || token.word == Word::where || token.word == Word::union_ || token.word == Word::into ||
             token.word == Word::as || token.word == Word::limit || token.word == Word::order;
    default: return false;
  }
}

}  // namespace

SqlGrammar::Step SqlGrammar::union_tail() noexcept {
  Token token = take();
  const bool quantified = is_word(token, Word::all) || is_word(token, Word::distinct);
  // Behind a comment that the value closed, half of a set operation is enough.
  if (quantified && start_ == Start::comment) return Step::attack;
  if (quantified) token = take();
  bool opened = false;
  for (; token.kind == Kind::open; token = take()) opened = true;
  if (is_word(token, Word::values)) return yes_if(peek().kind == Kind::open);
  if (is_word(token, Word::object)) return yes_if(strong_start() && is_plain_name(peek()));
  if (!is_word(token, Word::select)) return Step::fail;
  return select_list(!opened && !strong_start());
}

/// One item of a select list. `on` means that it says nothing yet.
SqlGrammar::Step SqlGrammar::select_item(const Token& token, bool strict) noexcept {
  const auto mark = [&] { return !strict || ends_item(peek()) ? Step::attack : Step::fail; };
  switch (token.kind) {
    case Kind::number: case Kind::string: case Kind::variable: return mark();
    case Kind::open_string: return Step::attack;
    case Kind::bang: return Step::on;
    case Kind::open: return yes_if(!strict || !token.blank_before);
    case Kind::arithmetic: return token.sign == '*' ? mark() : Step::on;
    case Kind::logical: case Kind::comma: case Kind::dot: return Step::on;
    case Kind::word: break;
    default: return Step::fail;
  }
  switch (token.word) {
    case Word::literal: return mark();
    case Word::case_: return yes_if(!strict || is_word(peek(), Word::when));
    case Word::all: case Word::distinct: case Word::unary: return Step::on;
    case Word::top: return peek().kind == Kind::number || peek().kind == Kind::open ? Step::attack : Step::on;
    case Word::from: return from_clause(strict);
    case Word::as: return skip_name();
    case Word::stop: chain_.prose = true; break;
    default: break;
  }
  // A call; prose would have a blank before the parenthesis.
  if (peek().kind == Kind::open) return !peek().blank_before ? Step::attack : Step::fail;
  return Step::on;
}

/// Reads a select list until something in it cannot be English. `strict` is for places where English is likely.
SqlGrammar::Step SqlGrammar::select_list(bool strict) noexcept {
  std::uint32_t words_in_row = 0;
  for (;;) {
    const Token token = take();
    if (token.kind == Kind::finish) return Step::fail;
    if (token.kind == Kind::comment || token.kind == Kind::comment_end) return yes_if(!strict && !chain_.prose);
    // At most a name and its alias can follow each other.
    words_in_row = token.kind == Kind::word ? words_in_row + 1 : 0;
    const Step made = select_item(token, strict);
    if (made != Step::on) return made;
    if (token.word == Word::all || token.word == Word::distinct || token.word == Word::as) words_in_row = 0;
    if (words_in_row > 2) return Step::fail;
  }
}

SqlGrammar::Step SqlGrammar::from_clause(bool strict) noexcept {
  const Token table = take();
  if (table.kind == Kind::open) return yes_if(!strict);
  if (!is_plain_name(table)) return Step::fail;
  bool qualified = table.sign == '`' || table.sign == '[';
  while (peek().kind == Kind::dot) {
    take();
    if (peek().kind == Kind::word) take();
    qualified = true;
  }
  const Token& next = peek();
  const bool ended = ends(next) || next.kind == Kind::close || next.kind == Kind::comma || next.kind == Kind::comment_end ||
                     is_word(next, Word::where) || is_word(next, Word::union_) || is_word(next, Word::order) ||
                     is_word(next, Word::limit) || is_word(next, Word::group) || is_word(next, Word::join);
  if (strict && !qualified && next.kind == Kind::close) return Step::attack;  // (select x from y)
  return yes_if(ended && !chain_.prose && (!strict || qualified));
}

SqlGrammar::Step SqlGrammar::ordering() noexcept {
  if (!is_word(take(), Word::by)) return Step::fail;
  const Token key = take();
  const bool value = start_ == Start::value && !strong_start();
  if (key.kind == Kind::open || (key.kind == Kind::word && peek().kind == Kind::open)) return yes_if(strong_start());
  if (key.kind == Kind::number && strong_start()) return yes_if(ends(peek()) || peek().kind == Kind::comma || peek().kind == Kind::word);
  if (!is_plain_name(key) || value) return Step::fail;
  while (peek().kind == Kind::dot || peek().kind == Kind::comma || is_plain_name(peek())) take();
  if (peek().kind == Kind::comment) return Step::attack;
  if (!is_word(peek(), Word::having)) return Step::fail;
  return logical(take());
}

SqlGrammar::Step SqlGrammar::limit() noexcept {
  if (!strong_start() || take().kind != Kind::number) return Step::fail;
  while (peek().kind == Kind::comma || peek().kind == Kind::number || is_word(peek(), Word::limit)) take();
  const Token& next = peek();
  if (conclude(next.kind == Kind::comment)) return Step::attack;
  if (is_word(next, Word::into) || is_word(next, Word::procedure) || is_word(next, Word::union_)) return Step::on;
  return yes_if(next.kind == Kind::comment);
}

SqlGrammar::Step SqlGrammar::into() noexcept {
  const Token token = take();
  if (token.kind == Kind::variable) return yes_if(strong_start());
  return yes_if(is_word(token, Word::file) && (peek().kind == Kind::string || peek().kind == Kind::open_string || peek().kind == Kind::number));
}

SqlGrammar::Step SqlGrammar::statement(const Token& token, Place place) noexcept {
  switch (token.word) {
    case Word::select: return select_list(place != Place::stacked && start_ != Start::quote);
    case Word::insert: case Word::update: case Word::delete_: case Word::drop: case Word::truncate: case Word::merge:
    case Word::load: case Word::attach: case Word::copy: case Word::backup: case Word::bulk: case Word::grant:
      return data_statement(token, place);
    default: return procedural_statement(token, place);
  }
}

/// Statements on tables and files. At the start of a value they want one token more, since "insert into slot" is English.
SqlGrammar::Step SqlGrammar::data_statement(const Token& token, Place place) noexcept {
  const Token object = take();
  const bool certain = place != Place::start;
  switch (token.word) {
    case Word::insert: {
      if (!is_word(object, Word::into)) return Step::fail;
      if (!is_plain_name(take())) return Step::fail;
      while (peek().kind == Kind::dot) take(), take();
      return yes_if(certain || peek().kind == Kind::open || is_word(peek(), Word::values) || is_word(peek(), Word::select));
    }
    case Word::update:
      if (!is_plain_name(object)) return Step::fail;
      while (peek().kind == Kind::dot) take(), take();
      if (!is_word(take(), Word::set)) return Step::fail;
      return yes_if(is_plain_name(take()) && (certain || peek().kind == Kind::compare));
    case Word::delete_:
      if (!is_word(object, Word::from) || !is_plain_name(take())) return Step::fail;
      while (peek().kind == Kind::dot) take(), take();
      return yes_if(certain || is_word(peek(), Word::where) || peek().kind == Kind::comment || peek().kind == Kind::semicolon);
    case Word::drop:
      if (!is_word(object, Word::object) && !is_word(object, Word::procedure)) return Step::fail;
      if (take().kind != Kind::word) return Step::fail;
      return yes_if(certain || peek().kind == Kind::comment || peek().kind == Kind::semicolon);
    case Word::truncate: return yes_if(is_word(object, Word::object) && is_plain_name(peek()) && certain);
    case Word::merge: return yes_if(is_word(object, Word::into) && certain);
    case Word::load: return yes_if(object.kind == Kind::word && (is_word(peek(), Word::into) || peek().kind == Kind::string || (place == Place::stacked && is_plain_name(peek()))));
    case Word::attach: case Word::backup: return yes_if(is_word(object, Word::object) && certain && !ends(peek()));
    case Word::copy: return yes_if(certain && (object.kind == Kind::open || is_word(peek(), Word::from)));
    case Word::bulk: return yes_if(is_word(object, Word::insert));
    default: return yes_if(place == Place::stacked && object.kind == Kind::word && peek().kind == Kind::word);
  }
}

/// Statements of procedural dialects and of the server.
SqlGrammar::Step SqlGrammar::procedural_statement(const Token& token, Place place) noexcept {
  const bool stacked = place == Place::stacked;
  const Token object = token.word == Word::shutdown || token.word == Word::begin ? Token{} : take();
  switch (token.word) {
    case Word::exec: {
      if (object.kind == Kind::string || object.kind == Kind::variable || object.kind == Kind::open) return yes_if(place != Place::start);
      if (object.kind != Kind::word) return Step::fail;
      const bool system = is_system_procedure(lexer_.text(object)) || object.word == Word::danger ||
                          (is_dangerous_package(lexer_.text(object)) && peek().kind == Kind::dot);
      return yes_if(system || (stacked && (ends(peek()) || peek().kind == Kind::string || peek().kind == Kind::dot)));
    }
    case Word::declare: return yes_if(object.kind == Kind::variable && (place != Place::start || peek().kind == Kind::word));
    case Word::waitfor: return yes_if(object.kind == Kind::word && (peek().kind == Kind::string || peek().kind == Kind::open_string || peek().kind == Kind::variable));
    case Word::shutdown: return yes_if(place != Place::start && (ends(peek()) || is_word(peek(), Word::with)));
    case Word::set: return yes_if(stacked && (object.kind == Kind::variable || (object.kind == Kind::word && (peek().kind == Kind::compare || peek().kind == Kind::variable))));
    case Word::show: return yes_if(stacked && is_word(object, Word::showable) && (ends(peek()) || peek().kind == Kind::word));
    case Word::if_: return yes_if(place != Place::start && object.kind == Kind::open);
    case Word::begin: return yes_if(stacked && (is_word(peek(), Word::declare) || peek().kind == Kind::word));
    case Word::while_: return yes_if(stacked && (object.kind == Kind::open || peek().kind == Kind::compare));
    case Word::call: case Word::do_:
      return yes_if(stacked && object.kind == Kind::word && (peek().kind == Kind::open || peek().kind == Kind::dot));
    case Word::handler: return yes_if(stacked && object.kind == Kind::word && is_word(peek(), Word::open));
    case Word::pragma: return yes_if(stacked && object.kind == Kind::word && (ends(peek()) || peek().kind == Kind::open || peek().kind == Kind::compare));
    case Word::prepare: return yes_if(stacked && object.kind == Kind::word && (is_word(peek(), Word::from) || is_word(object, Word::prepare)));
    case Word::kill: return yes_if(stacked && object.kind == Kind::number);
    case Word::print: return yes_if(stacked && (object.kind == Kind::variable || object.kind == Kind::string));
    case Word::with: return yes_if(stacked && object.kind == Kind::word && is_word(peek(), Word::as));
    case Word::use: return yes_if(stacked && object.kind == Kind::word && (peek().kind == Kind::semicolon || peek().kind == Kind::comment));
    default: return Step::fail;
  }
}

}  // namespace gatehouse::filters::sql
