// RuleSet: what hosts ask about a set before they use it.
#include <set>

#include "gatehouse/filters/rule_set.hpp"
#include "rules/program.hpp"

namespace gatehouse::filters {

RuleSetFacts RuleSet::facts() const {
  const EngineSettings& settings = program_->settings;
  const auto begin = [this](Phase phase) { return program_->phase_begin[static_cast<unsigned>(phase)]; };
  RuleSetFacts facts;
  // Responses are shown to rules, and to a record that has parts of them or depends on their status.
  AuditParts parts = settings.audit_parts;
  parts.add(program_->audit_parts_added);
  const bool audit = settings.audit != AuditMode::off || program_->audit_switched_on;
  facts.response_rules = begin(Phase::response_head) != begin(Phase::logging) || (audit && parts.has_any(AuditParts("EF")));
  facts.request_body_limit = settings.request_body_limit;
  facts.response_body_limit = settings.response_body_limit;
  facts.audit = audit;
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
