// Actions of ModSecurity's language: from the text of a rule's last argument to changes of the rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/rule.hpp"
#include "seclang/lexer.hpp"
#include "seclang/variables.hpp"

namespace gatehouse::filters::seclang {

struct ActionText {
  Text name;
  Text value;  // empty without a colon
};

/// Splits `name,name:value,name:'value'`.
std::vector<ActionText> split_actions(const Text& text, const Report& report);

/// What a rule's actions say, and what they leave open.
struct Actions {
  Rule rule;  // id, phase, metadata, action
  Link link;  // transformations, effects, flags
  bool chained{false};
  std::optional<Phase> phase;
  std::optional<ActionKind> disruption;
  std::optional<std::uint16_t> status;
  std::optional<bool> log, audit;
  bool drops_inherited{false};  // t:none came up
  bool metadata_of_head{false};  // says something only a chain's head may say
};

Actions read_actions(const Text& text, const Report& report);

}  // namespace gatehouse::filters::seclang
