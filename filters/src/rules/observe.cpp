// Run: telling an observer what happened. Nothing here is called without one.
#include "gatehouse/filters/match_trail.hpp"

#include <algorithm>
#include <array>

#include "rules/run.hpp"

namespace gatehouse::filters {

namespace {

ActingRule acting(const Rule& rule) noexcept {
  return {rule.id, static_cast<std::uint8_t>(static_cast<unsigned>(rule.phase) + 1), rule.severity, rule.place.file,
          rule.place.line};
}

constexpr std::size_t transforms_told = 32;  // of one condition; longer chains do not occur

}  // namespace

void Run::tell_began(const Rule& rule) { observer_->rule_began(acting(rule)); }
void Run::tell_ended(const Rule& rule) { observer_->rule_ended(acting(rule)); }

void Run::tell_condition(const Rule& rule, const Link& link, const Member& member, std::size_t steps) {
  std::array<std::string_view, transforms_told> names;
  steps = std::min(steps, names.size());
  for (std::size_t i = 0; i < steps; ++i) names[i] = transform_name(link.transforms[i]);
  ConditionMet met;
  met.link = static_cast<std::uint32_t>(&link - rule.links.data());
  met.variable = name_of(matched_);
  met.original = member.text;
  met.value = matched_.text;
  met.part = matched_.text;
  if (!link.negated && captures.count != 0) {
    const std::string_view found = captures.texts[0];
    const bool inside = found.data() >= tried_.data() && found.data() + found.size() <= tried_.data() + tried_.size();
    if (inside) met.part = matched_.text.substr(static_cast<std::size_t>(found.data() - tried_.data()), found.size());
  }
  met.transforms = {names.data(), steps};
  met.condition = link.condition;
  observer_->condition_met(acting(rule), met);
}

void Run::tell_change(Field collection, std::string_view name, const Changed& changed) {
  const std::string_view before = collection_name(collection);
  char* text = arena_.room(before.size() + 1 + name.size());
  char* end = std::copy(before.begin(), before.end(), text);
  *end++ = '.';
  end = std::copy(name.begin(), name.end(), end);
  const std::string_view full(text, static_cast<std::size_t>(end - text));
  observer_->variable_changed(acting(*rule_), {full, changed.before, changed.after, changed.added});
}

void Run::tell_matched(const Rule& rule, const MatchedRule& match) {
  RuleMatched matched{match, Outcome::pass, 0, false};
  switch (rule.action.kind) {
    case ActionKind::pass:
    case ActionKind::block: break;
    case ActionKind::deny: matched.outcome = Outcome::deny; break;
    case ActionKind::drop: matched.outcome = Outcome::drop; break;
    case ActionKind::redirect: matched.outcome = Outcome::redirect; break;
    case ActionKind::allow:
    case ActionKind::allow_phase:
    case ActionKind::allow_request: matched.outcome = Outcome::allow; break;
  }
  const bool answers = matched.outcome != Outcome::pass && matched.outcome != Outcome::allow;
  if (answers) matched.status = rule.action.status;
  // Nothing has been decided yet when a rule completes: a decision ends the phase.
  matched.in_force = matched.outcome == Outcome::allow || (answers && mode_ == EngineMode::on && rule.phase != Phase::logging);
  observer_->rule_matched(acting(rule), matched);
}

}  // namespace gatehouse::filters
