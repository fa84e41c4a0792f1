// RuleSet: what hosts ask about a set before they use it.
#include <set>

#include "gatehouse/filters/rule_set.hpp"
#include "rules/program.hpp"

namespace gatehouse::filters {

RuleSetFacts RuleSet::facts() const {
  const Settings& settings = program_->settings;
  const auto begin = [this](Phase phase) { return program_->phase_begin[static_cast<unsigned>(phase)]; };
  RuleSetFacts facts;
  facts.response_rules = begin(Phase::response_head) != begin(Phase::logging);
  facts.request_body_limit = settings.request_body_limit;
  facts.response_body_limit = settings.response_body_limit;
  facts.audit = settings.audit;
  facts.audit_relevant_only = settings.audit_relevant_only;
  facts.audit_path = settings.audit_path;
  return facts;
}

std::vector<std::uint32_t> RuleSet::rule_ids() const {
  std::set<std::uint32_t> ids;
  for (const Rule& rule : program_->rules) {
    if (rule.id != 0) ids.insert(rule.id);
  }
  return {ids.begin(), ids.end()};
}

std::vector<std::string> RuleSet::rule_files() const {
  std::set<std::string> files;
  for (const Rule& rule : program_->rules) files.insert(rule.place.file);
  return {files.begin(), files.end()};
}

}  // namespace gatehouse::filters
