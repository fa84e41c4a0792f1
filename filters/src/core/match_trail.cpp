#include "gatehouse/filters/match_trail.hpp"

#include <algorithm>

namespace gatehouse::filters {

namespace {

/// The bytes of `value` to keep, so that the part is among them with some of what stands before it.
std::string_view around(std::string_view value, std::size_t at, std::size_t bytes) noexcept {
  if (value.size() <= bytes) return value;
  const std::size_t lead = std::min(at, bytes / 4);
  return value.substr(std::min(at - lead, value.size() - bytes), bytes);
}

}  // namespace

MatchTrail::Entry* MatchTrail::entry_of(const ActingRule& rule) {
  if (!open_) {
    if (entries_.size() == limits_.entries_max) {
      ++left_out_;
      return nullptr;
    }
    entries_.emplace_back().rule = rule;
    open_ = true;
  }
  return &entries_.back();
}

void MatchTrail::rule_began(const ActingRule&) { open_ = false; }

void MatchTrail::rule_ended(const ActingRule&) {
  // A chain that failed without leaving a trace is no news.
  if (open_ && !entries_.back().matched && entries_.back().changes.empty()) entries_.pop_back();
  open_ = false;
}

void MatchTrail::condition_met(const ActingRule& rule, const ConditionMet& met) {
  Entry* entry = entry_of(rule);
  if (entry == nullptr) return;
  if (entry->conditions.size() == limits_.conditions_max) {
    ++left_out_;
    return;
  }
  const auto at = static_cast<std::size_t>(met.part.data() - met.value.data());
  const std::string_view kept = around(met.value, at, limits_.text_max);
  Condition condition;
  condition.link = met.link;
  condition.variable = met.variable.substr(0, limits_.text_max);
  condition.original = met.original.substr(0, limits_.text_max);
  condition.value = kept;
  condition.cut = static_cast<std::size_t>(kept.data() - met.value.data());
  condition.part_at = at - condition.cut;
  condition.part_size = std::min(met.part.size(), kept.size() - condition.part_at);
  condition.transforms.assign(met.transforms.begin(), met.transforms.end());
  condition.condition = met.condition;
  entry->conditions.push_back(std::move(condition));
}

void MatchTrail::variable_changed(const ActingRule& rule, const VariableChanged& change) {
  Entry* entry = entry_of(rule);
  if (entry == nullptr) return;
  if (entry->changes.size() == limits_.conditions_max) {
    ++left_out_;
    return;
  }
  const auto kept = [this](std::string_view text) { return std::string(text.substr(0, limits_.text_max)); };
  entry->changes.push_back({kept(change.name), kept(change.before), kept(change.after), change.added});
}

void MatchTrail::rule_matched(const ActingRule& rule, const RuleMatched& matched) {
  Entry* entry = entry_of(rule);
  if (entry == nullptr) return;
  entry->matched = true;
  entry->logged = matched.match.logged;
  entry->message = matched.match.message.substr(0, limits_.text_max);
  entry->data = matched.match.data.substr(0, limits_.text_max);
  entry->tags = matched.match.tags;
  entry->outcome = matched.outcome;
  entry->status = matched.status;
  entry->in_force = matched.in_force;
}

}  // namespace gatehouse::filters
