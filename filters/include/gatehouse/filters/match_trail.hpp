// MatchObserver: told what rules do while an inspection runs: which condition met which value, which variables changed,
// which rules matched and what they decided. Give it to Inspection::observe() before the first step. Without one an
// inspection pays a test of a pointer for each rule that runs; rules seldom match, so one that records costs little.
// MatchTrail records it all, bounded, so that a verdict can be explained, logged or replayed from the record alone.
// One thread, the inspection's. Views handed to an observer end with the call, unless it says that they are the rules'
// own: those live as long as the RuleSet.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/inspection.hpp"

namespace gatehouse::filters {

/// The rule that acts. Views are the rules' own.
struct ActingRule {
  std::uint32_t id{0};    // 0: it has none
  std::uint8_t phase{0};  // 1 to 5
  int severity{-1};       // 0 emergency ... 7 debug, -1 none
  std::string_view file;
  std::uint32_t line{0};
};

/// A value met one condition of a rule.
struct ConditionMet {
  std::uint32_t link{0};        // 0 for the rule's head, then the members of its chain
  std::string_view variable;    // with the key, such as ARGS:q
  std::string_view original;    // the value as it came
  std::string_view value;       // after the transformations
  std::string_view part;        // what the operator found within `value`; all of it when that cannot be told
  std::span<const std::string_view> transforms;  // names, in order; the rules' own
  std::string_view condition;   // the operator as written, such as "@rx ^x"; the rules' own
};

/// A variable was written or deleted.
struct VariableChanged {
  std::string_view name;    // such as tx.inbound_anomaly_score_pl1
  std::string_view before;  // empty when it was not set
  std::string_view after;   // empty when it is deleted
  std::int64_t added{0};    // what an addition or subtraction changed; 0 for a plain assignment
};

/// All conditions were met. `match` is complete also for rules that are not to be logged.
struct RuleMatched {
  const MatchedRule& match;
  Outcome outcome{Outcome::pass};  // what the rule asks for
  std::uint16_t status{0};
  bool in_force{false};            // false when the rules merely detect, or something had been decided before
};

class MatchObserver {
 public:
  virtual ~MatchObserver() = default;
  /// Before and after each rule that is run. Most rules are not: no value gave reason to.
  virtual void rule_began(const ActingRule&) {}
  virtual void rule_ended(const ActingRule&) {}
  virtual void condition_met(const ActingRule&, const ConditionMet&) {}
  virtual void variable_changed(const ActingRule&, const VariableChanged&) {}
  virtual void rule_matched(const ActingRule&, const RuleMatched&) {}
};

/// The record of one inspection. Holds the rules that matched and those that changed a variable although a later part
/// of their chain failed. Must not outlive the RuleSet. Reusable after clear().
class MatchTrail final : public MatchObserver {
 public:
  /// A value is cut to `text_max` bytes around the part that matched.
  struct Limits {
    std::size_t entries_max = 1024;
    std::size_t conditions_max = 64;  // of one entry
    std::size_t text_max = 256;
  };
  struct Condition {
    std::uint32_t link{0};
    std::string variable;
    std::string original;
    std::string value;
    std::size_t cut{0};                       // bytes of the value left out before it starts
    std::size_t part_at{0}, part_size{0};     // within `value`
    std::vector<std::string_view> transforms;
    std::string_view condition;
  };
  struct Change {
    std::string name, before, after;
    std::int64_t added{0};
  };
  struct Entry {
    ActingRule rule;
    bool matched{false};  // all of the chain
    bool logged{false};
    std::string message, data;
    std::span<const std::string> tags;
    std::vector<Condition> conditions;
    std::vector<Change> changes;
    Outcome outcome{Outcome::pass};
    std::uint16_t status{0};
    bool in_force{false};
  };

  MatchTrail() = default;
  explicit MatchTrail(const Limits& limits) : limits_(limits) {}

  /// In the order in which the rules ran.
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// Entries and conditions that there was no room for.
  std::size_t left_out() const noexcept { return left_out_; }
  void clear() noexcept { entries_.clear(), left_out_ = 0, open_ = false; }

  void rule_began(const ActingRule& rule) override;
  void rule_ended(const ActingRule& rule) override;
  void condition_met(const ActingRule& rule, const ConditionMet& met) override;
  void variable_changed(const ActingRule& rule, const VariableChanged& change) override;
  void rule_matched(const ActingRule& rule, const RuleMatched& matched) override;

 private:
  Entry* entry_of(const ActingRule& rule);

  Limits limits_;
  std::vector<Entry> entries_;
  std::size_t left_out_{0};
  bool open_{false};  // the last entry is of the rule that runs
};

}  // namespace gatehouse::filters
