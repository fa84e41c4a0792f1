// Values of the actions that have effects of their own: setvar, expirevar, initcol, setenv and ctl. Each returns nothing
// after it has reported what is wrong.
#pragma once

#include <optional>

#include "rules/rule.hpp"
#include "seclang/lexer.hpp"
#include "seclang/variables.hpp"

namespace gatehouse::filters::seclang {

std::optional<Effect> read_setvar(const Text& text, const Report& report);
std::optional<Effect> read_expirevar(const Text& text, const Report& report);
std::optional<Effect> read_initcol(const Text& text, const Report& report);
std::optional<Effect> read_setenv(const Text& text, const Report& report);
/// setsid, setuid and setrsc: open their collection with this key.
std::optional<Effect> read_set_id(Field collection, const Text& text, const Report& report);
std::optional<Effect> read_ctl(const Text& text, const Report& report);

}  // namespace gatehouse::filters::seclang
