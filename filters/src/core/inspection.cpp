#include "gatehouse/filters/inspection.hpp"

#include "rules/run.hpp"

namespace gatehouse::filters {

Workspace::Workspace(const RuleSet& rules) : space_(std::make_unique<RunSpace>()) { fit(rules); }
Workspace::~Workspace() = default;
void Workspace::fit(const RuleSet& rules) { rules.program().plan.fit(space_->scan); }

std::size_t RuleSet::rule_count() const noexcept { return program_->rules.size(); }

Inspection::Inspection(const RuleSet& rules, Workspace& space, const Surroundings& surroundings) : space_(space) {
  if (space.idle_.empty()) {
    run_ = std::make_unique<Run>();
  } else {
    run_ = std::move(space.idle_.back());
    space.idle_.pop_back();
  }
  run_->start(rules.program(), *space.space_, surroundings);
}

Inspection::~Inspection() { space_.idle_.push_back(std::move(run_)); }

void Inspection::observe(MatchObserver& observer) noexcept { run_->observe(&observer); }

Decision Inspection::on_request_head(const RequestView& request, std::string_view unique_id) {
  return run_->request_head(request, unique_id);
}
bool Inspection::wants_request_body() const noexcept { return run_->wants_request_body(); }
Decision Inspection::on_request_body(std::string_view piece) { return run_->request_body(piece); }
Decision Inspection::on_request_end() { return run_->request_end(); }
Decision Inspection::on_response_head(const ResponseView& response) { return run_->response_head(response); }
bool Inspection::wants_response_body() const noexcept { return run_->wants_response_body(); }
Decision Inspection::on_response_body(std::string_view piece) { return run_->response_body(piece); }
Decision Inspection::on_response_end() { return run_->response_end(); }
void Inspection::finish(std::uint16_t status) { run_->finish(status); }
AuditRecord Inspection::audit() const { return run_->audit(); }
std::span<const MatchedRule> Inspection::matches() const noexcept { return run_->matches(); }
const Decision& Inspection::detected() const noexcept { return run_->detected(); }
std::string_view Inspection::variable(std::string_view name) const { return run_->variable(name); }
std::uint64_t Inspection::bytes_by_decoding() const noexcept { return run_->bytes_by_decoding(); }
std::size_t Inspection::bytes_used() const noexcept { return run_->bytes_used(); }

}  // namespace gatehouse::filters
