// RuleSet: rules, loaded and compiled. Immutable and shared by all threads; loading one takes milliseconds when its
// compiled patterns are in the cache folder and seconds when they are not, so it belongs off the serving threads.
// Workspace is what one thread needs to run inspections; it grows to what the largest requests need.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/problem.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::filters {

class Program;
class Run;
struct RunSpace;

/// Text of rules that is not in a file, with the name that messages show for it.
struct RuleText {
  std::string name;
  std::string text;
};

/// Runs jobs that do not depend on one another, on whatever threads it likes, and returns when all are done; or false
/// when it gave up, and loading fails.
using RunJobs = std::function<bool(std::span<const std::function<void()>> jobs)>;

struct RuleSetOptions {
  std::string cache_folder;       // for compiled patterns; empty: nothing is kept
  std::vector<RuleText> before;   // read before the files
  std::vector<RuleText> after;    // read after them
  RunJobs run_jobs;               // compiles the patterns, longest first; null: one after the other on this thread
};

/// What a host does for a rule set rather than the rules themselves.
struct RuleSetFacts {
  bool response_rules{false};             // responses are looked at: only then they need to be handed over
  std::uint64_t request_body_limit{0};    // bytes; more of a request's content is not looked at
  std::uint64_t response_body_limit{0};
  bool audit{false};                      // SecAuditEngine is not Off, or some rule turns it on
  std::string audit_path;                 // SecAuditLog
};

class RuleSet {
 public:
  /// Loads rules in ModSecurity's language. Each name may be a glob; files are read in the order given, those of a glob
  /// by name. Fails with everything that is wrong at once.
  static Result<std::shared_ptr<const RuleSet>, Problems> load_seclang(const std::vector<std::string>& files,
                                                                      const RuleSetOptions& options);

  /// What was accepted but has no effect here.
  const Problems& warnings() const noexcept { return warnings_; }
  std::size_t rule_count() const noexcept;
  RuleSetFacts facts() const;
  /// The ids of all rules, each once, ascending.
  std::vector<std::uint32_t> rule_ids() const;
  /// The files that rules stand in, each once, by name.
  std::vector<std::string> rule_files() const;
  const Program& program() const noexcept { return *program_; }

 private:
  RuleSet() = default;
  std::shared_ptr<const Program> program_;
  Problems warnings_;
};

class Workspace {
 public:
  /// Makes room for inspections with these rules; further sets can be added. The set must outlive their use.
  explicit Workspace(const RuleSet& rules);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  void fit(const RuleSet& rules);

 private:
  friend class Inspection;
  std::unique_ptr<RunSpace> space_;
  std::vector<std::unique_ptr<Run>> idle_;
};

}  // namespace gatehouse::filters
