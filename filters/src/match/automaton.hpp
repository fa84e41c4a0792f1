// Automaton: finds which of many patterns occur in a text, in one scan, with Vectorscan. It is a filter: every pattern
// that matches is reported, and sometimes one that does not, so a regular expression confirms each report. Compiling
// takes seconds, so the database is kept on disk under a name made from its patterns. Immutable and shared;
// AutomatonSpace is what one thread needs to scan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operators/operator.hpp"

struct hs_database;
struct hs_scratch;

namespace gatehouse::filters {

/// A pattern and the number it is reported by. Several patterns may share a number.
struct NumberedPattern {
  std::uint32_t number{0};
  Pattern pattern;
};

class Automaton;

class AutomatonSpace {
 public:
  AutomatonSpace() = default;
  ~AutomatonSpace();
  AutomatonSpace(const AutomatonSpace&) = delete;
  AutomatonSpace& operator=(const AutomatonSpace&) = delete;

  /// Makes room for scans with this automaton. Must be called once before the first.
  void fit(const Automaton& automaton);

 private:
  friend class Automaton;
  hs_scratch* scratch_{nullptr};
};

class Automaton {
 public:
  /// Called once for each number found; `context` is the caller's.
  using Report = void (*)(void* context, std::uint32_t number);

  /// Whether an automaton can say anything about the pattern. Others must be searched for one by one.
  static bool takes(const Pattern& pattern);
  /// Patterns must be such that takes() agrees. `cache_folder` may be empty: nothing is read or written then. Fails
  /// with a message that names the pattern.
  static Result<Automaton, std::string> build(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder);

  Automaton(Automaton&& other) noexcept;
  Automaton& operator=(Automaton&& other) noexcept;
  ~Automaton();

  void scan(std::string_view text, AutomatonSpace& space, Report report, void* context) const noexcept;
  std::size_t bytes() const noexcept;

 private:
  friend class AutomatonSpace;
  explicit Automaton(hs_database* database) noexcept : database_(database) {}
  hs_database* database_;
};

}  // namespace gatehouse::filters
