// Program: rules of any language, compiled. compile() puts them into phase order, gives variables their slots, decides
// what it can ahead of every request, and plans how values are tested. Immutable; shared by all threads.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ascii.hpp"
#include "gatehouse/filters/problem.hpp"
#include "gatehouse/filters/result.hpp"
#include "rules/rule.hpp"
#include "rules/scan_plan.hpp"
#include "rules/settings.hpp"

namespace gatehouse::filters {

/// A set of rules, one bit each by their position in the program.
class RuleBits {
 public:
  RuleBits() = default;
  explicit RuleBits(std::size_t rules) : words_((rules + 63) / 64) {}
  void set(std::uint32_t rule) noexcept { words_[rule / 64] |= std::uint64_t{1} << (rule % 64); }
  bool test(std::uint32_t rule) const noexcept { return (words_[rule / 64] >> (rule % 64) & 1) != 0; }
  void join(const RuleBits& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  bool empty() const noexcept { return words_.empty(); }
  std::vector<std::uint64_t>& words() noexcept { return words_; }
  const std::vector<std::uint64_t>& words() const noexcept { return words_; }

 private:
  std::vector<std::uint64_t> words_;
};

/// The tx variables that rules name, by lower-case name. Slots 0 to 9 are the captures.
class TxNames {
 public:
  static constexpr std::int32_t capture_count = 10;
  TxNames();
  std::int32_t intern(std::string_view name);
  std::int32_t find(std::string_view name) const;
  std::size_t size() const noexcept { return names_.size(); }
  std::string_view name(std::int32_t slot) const noexcept { return names_[static_cast<std::size_t>(slot)]; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> slots_;
};

/// A tx variable's value before the first rule runs.
struct InitialValue {
  std::int32_t slot{0};
  std::string text;
};

class Program {
 public:
  std::vector<Rule> rules;  // in phase order, markers gone
  std::array<std::uint32_t, phase_count + 1> phase_begin{};
  std::vector<std::uint32_t> rule_of_link;
  std::vector<bool> planned;  // by link: values are tested for it ahead of the rules
  std::uint32_t link_count{0};
  TxNames tx;
  std::vector<InitialValue> initial;
  EngineSettings settings;
  ScanPlan plan;
  FieldSet wanted{0};  // fields that some rule reads: nothing else is collected
  bool audit_switched_on{false};  // by some rule, whatever the settings say
  AuditParts audit_parts_added;   // by some rule

  // Which rules there is reason to run: those always, those once a field has a member, those once a header of that
  // name (lower-case) is there. The rest wait for the scan to report one of their links.
  RuleBits always;
  std::vector<std::pair<Field, RuleBits>> by_field;
  CaseBlindMap<RuleBits> by_header;
};

struct CompileOptions {
  std::string cache_folder;  // for compiled patterns; empty: none
  RunJobs run_jobs;          // null: one after the other
};

Result<std::shared_ptr<const Program>, Problems> compile(RuleSource source, const CompileOptions& options);

/// Decides at load what every request would decide in the same way: sets up constant variables, removes rules that can
/// never match and those behind gates that are always shut. Works on rules in phase order; `resume` must be set.
void fold(std::vector<Rule>& rules, TxNames& tx, std::vector<InitialValue>& initial);

}  // namespace gatehouse::filters
