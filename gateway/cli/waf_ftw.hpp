// Regression tests of rule sets in go-ftw's YAML format, run in process: each stage's request is built the way that
// runner builds it, and the origin is one that answers what the tests ask of /reflect. Overrides in its format change
// what a test expects on this platform. Nothing here knows a particular suite.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/cli/waf_message.hpp"

namespace gatehouse::cli {

/// What a stage must lead to.
struct FtwExpectation {
  int status{0};  // 0: any
  bool error{false};  // no reply at all
  std::vector<unsigned> ids, absent_ids;
  std::string match, no_match;  // regular expressions for the log
};

struct FtwStage {
  WafRequest request;
  FtwExpectation expected;
};

struct FtwTest {
  std::string rule;  // the id its file is about
  std::string id;
  std::string description;
  std::string file;
  std::vector<FtwStage> stages;
  std::string name() const { return rule + "-" + id; }
};

/// One entry of an overrides file.
struct FtwOverride {
  std::string reason;
  std::optional<FtwExpectation> expected;
  bool expect_failure{false};
  bool ignore{false};
};

class FtwOverrides {
 public:
  /// Reads a file; why not, when it cannot be.
  std::string load(const std::string& file);
  /// The entry for a test, or null.
  const FtwOverride* find(const FtwTest& test) const;
  /// Entries that no test asked for.
  std::vector<std::string> unused() const;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string rule;
    std::set<std::string> tests;  // empty: all of the rule
    FtwOverride what;
    mutable bool used{false};
  };
  std::vector<Entry> entries_;
};

/// All tests of a file or of the folders below a name; problems of files go to `problems`, one a line.
std::vector<FtwTest> load_ftw(const std::vector<std::string>& names, std::string& problems);

/// What the origin of such tests answers: 200 and nothing, or to /reflect what the request's content asks for.
WafResponse reflected(const WafRequest& request);

/// How one test went; `problem` is empty when it passed.
struct FtwResult {
  std::string problem;
  std::string log;  // what the rules said, a line for each match
};
FtwResult run_ftw(const FtwTest& test, const FtwOverride* change, const filters::RuleSet& rules, filters::Workspace& space);

}  // namespace gatehouse::cli
