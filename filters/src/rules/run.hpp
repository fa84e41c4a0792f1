// Run: one transaction under a program. It collects the members of the fields rules read, tests new values ahead of each
// phase, and then runs in file order the rules there is reason to run: those a value was reported for, those whose
// members are there, those that look at variables. Reused for later transactions. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.hpp"
#include "gatehouse/filters/audit.hpp"
#include "gatehouse/filters/inspection.hpp"
#include "operators/operator.hpp"
#include "rules/body_reader.hpp"
#include "rules/program.hpp"
#include "rules/response_text.hpp"
#include "rules/values.hpp"

namespace gatehouse::filters {

class MatchObserver;

/// What one thread needs for its runs.
struct RunSpace {
  ScanSpace scan;
  RegexSpace regex;
  Scratch scratch[2];
};

class Run final : public MatchContext {
 public:
  void start(const Program& program, RunSpace& space, const Surroundings& surroundings);

  Decision request_head(const RequestView& request, std::string_view unique_id);
  Decision request_body(std::string_view piece);
  Decision request_end();
  Decision response_head(const ResponseView& response);
  Decision response_body(std::string_view piece);
  Decision response_end();
  void finish(std::uint16_t status);
  AuditRecord audit() const;

  /// Null: nobody is told.
  void observe(MatchObserver* observer) noexcept { observer_ = observer; }
  bool wants_request_body() const noexcept;
  bool wants_response_body() const noexcept;
  std::uint64_t bytes_by_decoding() const noexcept { return body_.bytes_by_decoding() + response_text_.bytes_by_decoding(); }
  const std::vector<MatchedRule>& matches() const noexcept { return matches_; }
  const Decision& detected() const noexcept { return detected_; }
  std::string_view variable(std::string_view name) const;
  std::size_t bytes_used() const noexcept;

  // MatchContext
  std::string_view expand(const Template& text) override;
  std::string_view keep(std::string_view text) override { return arena_.copy(text); }
  RegexSpace& regex_space() noexcept override { return space_->regex; }
  void limit_reached() noexcept override;
  bool locate(const Address& address) override;
  bool listed(std::string_view list, std::string_view value) override { return surroundings_->listed(list, value); }

 private:
  struct Hit {
    std::uint32_t value{0};
    std::uint32_t next{0};  // index + 1
  };
  /// Something that matched: its name is made of the two parts when somebody asks.
  struct Matched {
    std::string_view field;
    std::string_view key;
    std::string_view text;
    bool keyed{false};
  };
  /// A collection that outlives the request, and what the rules changed in it.
  struct Opened {
    Field collection{Field::ip};
    std::string_view key;
    std::vector<CollectionChange> changes;
  };
  struct Named {
    Field collection{Field::env};
    std::string_view name;
    std::string_view text;
  };
  /// A member that a link is put to.
  struct Member {
    std::string_view field;
    std::string_view key;
    std::string_view text;
    bool keyed{false};
  };

  // collect.cpp: fields of heads and bodies
  void add(Field field, std::string_view key, std::string_view text);
  void add_request(const RequestView& request);
  void add_target(std::string_view target);
  void add_cookies(std::string_view header);
  void add_query(std::string_view query);
  void choose_body_format(std::string_view content_type);
  void add_body();
  void add_multipart_flags();
  void add_number(Field field, std::string_view key, std::uint64_t number);
  void add_response(const ResponseView& response);
  void set_reqbody_processor();

  // run.cpp: phases
  Decision run_phase(Phase phase);
  void test_new_values();
  void report(const Link& link, std::uint32_t value);
  bool run_rule(const Rule& rule, std::uint32_t index);
  void complete(const Rule& rule);
  void act(const Rule& rule);
  Decision decide(const Decision& decision);
  bool is_late() const noexcept { return surroundings_->now_us() - phase_began_us_ > program_->settings.phase_us; }
  std::uint32_t next_active(std::uint32_t from, std::uint32_t end) const noexcept;

  // evaluate.cpp: links
  bool evaluate(const Rule& rule, const Link& link);
  bool evaluate_hits(const Rule& rule, const Link& link);
  bool evaluate_target(const Rule& rule, const Link& link, const Target& target);
  bool evaluate_tx(const Rule& rule, const Link& link, const Target& target);
  bool evaluate_running(const Rule& rule, const Link& link, const Target& target);
  bool evaluate_count(const Rule& rule, const Link& link, const Target& target);
  std::uint64_t count_members(const Link& link, const Target& target);
  bool try_value(const Rule& rule, const Link& link, const Target& target, const Value& value);
  bool try_member(const Rule& rule, const Link& link, const Member& member);
  bool try_text(const Rule& rule, const Link& link, const Member& member, std::string_view text, std::size_t steps);
  bool selects(const Target& target, Field field, std::string_view key);
  bool excluded(const Link& link, Field field, std::string_view key);

  // effects.cpp
  void perform(const Rule& rule, const Link& link);
  void perform(const SetVariable& effect);
  void perform(const ExpireVariable& effect);
  void perform(const OpenCollection& effect);
  void perform(const SetEnvironment& effect);
  void perform(const SwitchEngine& effect) { mode_ = effect.mode; }
  void perform(const SwitchAudit& effect) { audit_ = effect.mode; }
  void perform(const AuditPartsChange& effect);
  void perform(const RemoveRules& effect);
  void perform(const ChooseBodyFormat& effect);
  void perform(const SwitchBody& effect);
  void perform(const LimitBody& effect);
  void remove_variable(const SetVariable& effect, std::string_view key);
  std::string_view* variable_place(Field collection, std::string_view name, bool make);
  Variable* tx_place(std::int32_t slot, std::string_view name, bool make);

  // audit.cpp: what is to be written down
  bool audit_wanted() const;
  bool audit_keeps_request_body() const noexcept;

  // persistent.cpp: collections that outlive the request
  struct Changed {
    std::string_view before, after;
    std::int64_t added{0};
  };
  Opened* opened(Field collection) noexcept;
  void note_change(const SetVariable& effect, std::string_view key, const Changed& changed);
  void store_collections();

  // observe.cpp: only with an observer
  void tell_began(const Rule& rule);
  void tell_ended(const Rule& rule);
  void tell_condition(const Rule& rule, const Link& link, const Member& member, std::size_t steps);
  void tell_change(Field collection, std::string_view name, const Changed& changed);
  void tell_matched(const Rule& rule, const MatchedRule& match);

  // expand.cpp: references
  std::string_view look_up(const Reference& reference);
  std::string_view running_text(Field field, std::string_view key);
  std::string_view name_of(const Matched& matched);
  std::string_view number_text(std::uint64_t number);

  const Program* program_{nullptr};
  RunSpace* space_{nullptr};
  const Surroundings* surroundings_{nullptr};
  const Rule* rule_{nullptr};  // that runs
  MatchObserver* observer_{nullptr};
  std::string_view tried_;     // the text that an operator was put to last
  Arena arena_;
  ValueTable values_;
  TxTable tx_;
  std::vector<Variable> gathered_;
  std::vector<Opened> opened_;
  std::vector<Named> named_;  // env, geo and the collections that outlive requests
  std::vector<std::uint64_t> active_, removed_;
  std::vector<std::uint32_t> first_hit_, last_hit_;  // by link; index + 1
  std::vector<Hit> hits_;
  std::vector<const RemoveRules*> target_exclusions_;
  std::vector<Matched> matched_before_, matched_now_;
  Matched matched_;
  std::vector<MatchedRule> matches_;
  std::uint32_t tested_{0};  // values tested so far
  EngineMode mode_{EngineMode::off};
  AuditMode audit_{AuditMode::off};
  AuditParts audit_parts_;
  bool audited_match_{false};  // a rule that is to be audited has matched
  std::uint16_t final_status_{0};  // that the client got; 0: not known
  FieldsView request_fields_, response_fields_;
  int highest_severity_{255};
  std::uint64_t began_us_{0};
  std::uint64_t phase_began_us_{0};
  bool undecided_{false};  // a search reached its limit
  Decision decision_;   // in force
  Decision detected_;   // the first that was or would have been
  unsigned allowed_until_{0};  // phases below this number are not run any more
  BodyReader body_;
  bool request_access_{false};
  bool force_request_variable_{false};
  bool response_access_{false};
  bool response_body_wanted_{false};
  ResponseText response_text_;
  bool response_type_listed_{false};
  Codings codings_;  // of the request's content
  std::string_view content_type_;
};

}  // namespace gatehouse::filters
