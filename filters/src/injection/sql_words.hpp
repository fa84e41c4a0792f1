// The words of SQL that the grammar tells apart, over all known dialects (ANSI, MySQL, PostgreSQL, SQL Server, Oracle,
// SQLite). A word that no rule needs is a name. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::filters::sql {

enum class Word : std::uint8_t {
  name,        // no keyword of interest: a column, a table, a function, an English word
  or_, and_,   // xor counts as or
  not_,
  compare,     // like, rlike, regexp, ...
  in, is, between,
  arithmetic,  // div, mod
  literal,     // null, true, current_user, ...
  unary,       // words that may stand before an operand: exists, any, binary, interval, ...
  case_, when, then, else_, end,
  union_, all, distinct, top, select, from, where, having, order, group, by, limit, procedure, into, file, values, as,
  collate, escape, join,
  if_, insert, update, delete_, drop, truncate, exec, declare, waitfor, delay, shutdown, set, show, begin, while_, call,
  load, attach, pragma, copy, do_, prepare, merge, backup, kill, print, bulk, with, use, handler,
  open, grant,
  object,      // what can be dropped: table, database, view, ...
  showable,    // what SHOW lists
  danger,      // functions that wait, read files, reach out or leak through errors
  stop,        // English words that no one names a column after: a mark of prose
};

/// The word in any letter case.
Word word_of(std::string_view text) noexcept;

/// True for packages whose every function is dangerous: dbms_pipe, utl_http, ...
bool is_dangerous_package(std::string_view name) noexcept;

/// True for the stored procedures of SQL Server that reach the system: xp_*, sp_*.
bool is_system_procedure(std::string_view name) noexcept;

}  // namespace gatehouse::filters::sql
