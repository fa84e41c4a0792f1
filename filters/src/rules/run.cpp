#include "rules/run.hpp"

#include <algorithm>

#include "core/ascii.hpp"

namespace gatehouse::filters {

void Run::start(const Program& program, RunSpace& space, const Surroundings& surroundings) {
  program_ = &program;
  space_ = &space;
  surroundings_ = &surroundings;
  rule_ = nullptr;
  observer_ = nullptr;
  arena_.reset();
  values_.clear();
  named_.clear();
  opened_.clear();
  hits_.clear();
  target_exclusions_.clear();
  matched_before_.clear(), matched_now_.clear(), matches_.clear();
  matched_ = {};
  active_ = program.always.words();
  removed_.assign(active_.size(), 0);
  first_hit_.assign(program.link_count, 0);
  last_hit_.assign(program.link_count, 0);
  tx_.start(program.tx.size());
  for (const InitialValue& each : program.initial) tx_.slot(each.slot) = {{}, each.text, true};
  tested_ = 0;
  allowed_until_ = 0;
  decision_ = detected_ = {};
  audit_ = program.settings.audit;
  audit_parts_ = program.settings.audit_parts;
  audited_match_ = false;
  final_status_ = 0;
  request_fields_ = response_fields_ = {};
  undecided_ = false;
  highest_severity_ = 255;
  began_us_ = surroundings.now_us();
  mode_ = program.settings.mode;
  request_access_ = program.settings.request_body_access;
  response_access_ = program.settings.response_body_access;
  force_request_variable_ = response_body_wanted_ = response_type_listed_ = false;
  response_text_.start(program.settings.response_body_limit);
  codings_ = {};
  content_type_ = {};
  body_.start(program.settings, arena_);
  space.regex.limit_steps(program.settings.regex_steps);
}

Decision Run::request_head(const RequestView& request, std::string_view unique_id) {
  if (mode_ == EngineMode::off) return {};
  request_fields_ = request.fields;
  add_request(request);
  add(Field::unique_id, {}, unique_id);
  choose_body_format(content_type_);
  body_.coded(codings_);
  return run_phase(Phase::request_head);
}

bool Run::wants_request_body() const noexcept {
  // With a limit that rejects, one byte more than the limit is yet to be seen.
  const bool partial = program_->settings.request_body_limit_action == LimitAction::process_partial;
  const bool enough = partial ? body_.full() : body_.over();
  return mode_ != EngineMode::off && request_access_ && decision_.outcome == Outcome::pass && !enough;
}

Decision Run::request_body(std::string_view piece) {
  if (!wants_request_body()) return decision_;
  const bool raw = body_.format() == BodyFormat::urlencoded || force_request_variable_;
  if (raw && holds(program_->wanted, Field::request_body)) body_.keep_raw();
  if (audit_keeps_request_body()) body_.keep_for_audit();
  body_.feed(piece);
  const bool over = body_.over() || body_.bytes_outside_files() > program_->settings.request_body_no_files_limit;
  if (over && program_->settings.request_body_limit_action == LimitAction::reject) {
    // RFC 9110 15.5.14.
    return decide({Outcome::deny, 413, 0, 2, {}});
  }
  return {};
}

Decision Run::request_end() {
  if (mode_ == EngineMode::off) return {};
  body_.finish();
  add_body();
  const Decision decision = run_phase(Phase::request_body);
  const bool strict = program_->settings.request_body_limit_action == LimitAction::reject;
  if (decision.outcome != Outcome::pass || !undecided_ || !strict) return decision;
  // Rules that deny because of TX:MSC_PCRE_LIMITS_EXCEEDED ran too early to see a limit that a later rule reached. What
  // could not be inspected is refused like a body that is too long to be.
  return decide({Outcome::deny, 400, 0, 2, {}});
}

Decision Run::response_head(const ResponseView& response) {
  if (mode_ == EngineMode::off) return {};
  response_fields_ = response.fields;
  final_status_ = response.status;
  add_response(response);
  const Decision decision = run_phase(Phase::response_head);
  response_body_wanted_ |= response_access_ && response_type_listed_;
  response_body_wanted_ &= decision.outcome == Outcome::pass && mode_ != EngineMode::off;
  return decision;
}

bool Run::wants_response_body() const noexcept {
  const bool partial = program_->settings.response_body_limit_action == LimitAction::process_partial;
  return response_body_wanted_ && !(partial ? response_text_.full() : response_text_.over());
}

Decision Run::response_body(std::string_view piece) {
  if (!wants_response_body()) return decision_;
  response_text_.feed(piece);
  if (response_text_.over() && program_->settings.response_body_limit_action == LimitAction::reject) {
    return decide({Outcome::deny, 500, 0, 4, {}});
  }
  return {};
}

Decision Run::response_end() {
  if (!response_body_wanted_) return decision_;
  add(Field::response_body, {}, response_text_.text());
  return run_phase(Phase::response_body);
}

void Run::finish(std::uint16_t status) {
  if (decision_.outcome != Outcome::pass && decision_.outcome != Outcome::allow) final_status_ = decision_.status;
  if (status != 0) final_status_ = status;
  if (mode_ != EngineMode::off) run_phase(Phase::logging);
  store_collections();
}

std::string_view Run::variable(std::string_view name) const {
  const std::int32_t slot = program_->tx.find(name);
  if (slot != no_slot) return tx_.slot(slot).is_set ? tx_.slot(slot).text : std::string_view();
  for (const Variable& each : tx_.named()) {
    if (each.is_set && same_letters(each.name, name)) return each.text;
  }
  return {};
}

std::size_t Run::bytes_used() const noexcept {
  return sizeof *this + arena_.used() + values_.bytes() + tx_.slots().capacity() * sizeof(Variable) +
         (first_hit_.capacity() + last_hit_.capacity()) * sizeof(std::uint32_t) + hits_.capacity() * sizeof(Hit) +
         body_.raw().size() + response_text_.text().size();
}

void Run::report(const Link& link, std::uint32_t value) {
  std::uint32_t& last = last_hit_[link.number];
  // A value is reported once, however many of its transformed views match.
  if (last != 0 && hits_[last - 1].value == value) return;
  hits_.push_back({value, 0});
  const auto at = static_cast<std::uint32_t>(hits_.size());
  (last == 0 ? first_hit_[link.number] : hits_[last - 1].next) = at;
  last = at;
  const std::uint32_t rule = program_->rule_of_link[link.number];
  active_[rule / 64] |= std::uint64_t{1} << (rule % 64);
}

void Run::test_new_values() {
  struct Context {
    Run& run;
    std::uint32_t value;
  };
  const auto wake = [this](const RuleBits& bits) {
    for (std::size_t i = 0; i < active_.size(); ++i) active_[i] |= bits.words()[i];
  };
  wants_captures = false;
  for (const auto& [field, bits] : program_->by_field) {
    if (values_.count(field) != 0) wake(bits);
  }
  for (; tested_ < values_.size(); ++tested_) {
    const Value value = values_.at(tested_);
    if (value.field == Field::request_headers && !program_->by_header.empty()) {
      const auto found = program_->by_header.find(value.key);
      if (found != program_->by_header.end()) wake(found->second);
    }
    Context context{*this, tested_};
    program_->plan.scan(
        {value.field, value.key, value.text}, space_->scan, *this,
        [](void* raw, const Link& link) {
          const Context& to = *static_cast<const Context*>(raw);
          to.run.report(link, to.value);
        },
        &context);
  }
}

std::uint32_t Run::next_active(std::uint32_t from, std::uint32_t end) const noexcept {
  while (from < end) {
    const std::uint64_t word = (active_[from / 64] & ~removed_[from / 64]) >> (from % 64);
    if (word != 0) return std::min(end, from + static_cast<std::uint32_t>(__builtin_ctzll(word)));
    from = (from / 64 + 1) * 64;
  }
  return end;
}

Decision Run::run_phase(Phase phase) {
  const auto number = static_cast<unsigned>(phase);
  const bool logging = phase == Phase::logging;
  if (!logging && (decision_.outcome != Outcome::pass || number < allowed_until_)) return decision_;
  phase_began_us_ = surroundings_->now_us();
  space_->regex.watch([](const void* run) { return static_cast<const Run*>(run)->is_late(); }, this);
  const Decision before = decision_;
  if (logging) decision_ = {};  // the rules of this phase run to their end, whatever was decided
  test_new_values();
  const std::uint32_t end = program_->phase_begin[number + 1];
  std::uint32_t at = next_active(program_->phase_begin[number], end);
  while (at < end && mode_ != EngineMode::off) {
    const Rule& rule = program_->rules[at];
    if (observer_ != nullptr) tell_began(rule);
    const bool matched = run_rule(rule, at);
    if (observer_ != nullptr) tell_ended(rule);
    if (decision_.outcome != Outcome::pass) break;
    if (number < allowed_until_) break;
    at = next_active(matched ? std::max(rule.resume, at + 1) : at + 1, end);
  }
  rule_ = nullptr;
  if (logging) decision_ = before;
  return decision_;
}

bool Run::run_rule(const Rule& rule, std::uint32_t) {
  rule_ = &rule;
  matched_now_.clear();
  for (const Link& link : rule.links) {
    if (!evaluate(rule, link)) return false;
  }
  complete(rule);
  return true;
}

void Run::complete(const Rule& rule) {
  audited_match_ |= rule.audit;
  if (rule.severity >= 0) highest_severity_ = std::min(highest_severity_, rule.severity);
  const bool disruptive = rule.action.kind != ActionKind::pass;
  if (rule.log || rule.audit || disruptive || observer_ != nullptr) {
    MatchedRule match;
    match.id = rule.id;
    match.phase = static_cast<std::uint8_t>(static_cast<unsigned>(rule.phase) + 1);
    match.severity = rule.severity;
    match.disruptive = disruptive;
    match.logged = rule.log;
    match.message = expand(rule.message);
    match.data = expand(rule.data);
    match.variable = name_of(matched_);
    match.value = matched_.text;
    match.file = rule.place.file;
    match.line = rule.place.line;
    match.version = rule.version;
    match.tags = rule.tags;
    if (rule.log || rule.audit || disruptive) matches_.push_back(match);
    if (observer_ != nullptr) tell_matched(rule, match);
  }
  if (disruptive) act(rule);
}

void Run::act(const Rule& rule) {
  const auto phase = static_cast<unsigned>(rule.phase);
  Decision decision{Outcome::deny, rule.action.status, rule.id, static_cast<std::uint8_t>(phase + 1), {}};
  switch (rule.action.kind) {
    case ActionKind::pass:
    case ActionKind::block: return;  // block was resolved by the front end
    case ActionKind::deny: break;
    case ActionKind::drop: decision.outcome = Outcome::drop; break;
    case ActionKind::redirect:
      decision.outcome = Outcome::redirect;
      decision.location = expand(rule.action.location);
      break;
    case ActionKind::allow: allowed_until_ = static_cast<unsigned>(Phase::logging); return;
    case ActionKind::allow_phase: allowed_until_ = std::max(allowed_until_, phase + 1); return;
    case ActionKind::allow_request:
      allowed_until_ = std::max(allowed_until_, static_cast<unsigned>(Phase::response_head));
      return;
  }
  if (rule.phase == Phase::logging) return;
  decide(decision);
}

Decision Run::decide(const Decision& decision) {
  if (detected_.outcome == Outcome::pass) detected_ = decision;
  if (mode_ == EngineMode::on) decision_ = decision;
  return decision_;
}

}  // namespace gatehouse::filters
