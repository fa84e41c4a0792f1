// PatternSetBuild: a pattern set on its way. Compiling takes seconds, so the work is cut into jobs that do not depend on
// one another: each may run on any thread, once. Its result is kept in a folder under a name made from the patterns.
// Lives until finish(); jobs apart, one thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "match/pattern_set.hpp"

namespace gatehouse::filters {

class PatternSetBuild {
 public:
  /// An empty folder name keeps nothing.
  PatternSetBuild(const std::vector<NumberedPattern>& patterns, std::string cache_folder);

  /// None when the folder has the set already.
  std::size_t job_count() const noexcept { return jobs_.size(); }
  /// About how much work a job is, to begin with the longest.
  std::size_t weight(std::size_t job) const noexcept;
  void run(std::size_t job);
  /// After all jobs. Patterns that no automaton can search for are always reported. Fails with the compiler's message.
  Result<PatternSet, std::string> finish();

 private:
  struct Job {
    PatternSet::Kind kind{PatternSet::word};
    std::vector<NumberedPattern> patterns;
    Automaton automaton;
    std::vector<std::uint32_t> refused;
    std::string problem;
  };

  void add_jobs(PatternSet::Kind kind, std::vector<NumberedPattern> patterns);
  void refuse(const Job& job);

  std::string cache_folder_, identity_;
  std::vector<Job> jobs_;
  PatternSet set_;
};

}  // namespace gatehouse::filters
