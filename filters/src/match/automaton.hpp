// Automaton: finds which of many patterns occur in a text, in one scan, with Vectorscan. It is a filter: every pattern
// that matches is reported, and sometimes one that does not, so a regular expression confirms each report. Immutable
// and shared; AutomatonSpace is what one thread needs to scan.
#pragma once

#include <cstdint>
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

  /// Compiling takes seconds for hundreds of patterns. The numbers of those that cannot be compiled are added to
  /// `refused`. Fails when the compiler cannot cope with the rest either, with its message.
  static Result<Automaton, std::string> build(std::vector<NumberedPattern> patterns, std::vector<std::uint32_t>& refused);
  /// What stored() returned; no automaton (see empty()) when it is of another version of Vectorscan or kind of processor.
  static Automaton restored(std::string_view bytes) noexcept;
  std::string stored() const;
  /// What compiled automata depend on besides their patterns.
  static std::string platform();

  Automaton() noexcept = default;
  Automaton(Automaton&& other) noexcept;
  Automaton& operator=(Automaton&& other) noexcept;
  ~Automaton();

  /// Without a database, as after build() without patterns: nothing is ever found.
  bool empty() const noexcept { return database_ == nullptr; }
  void scan(std::string_view text, AutomatonSpace& space, Report report, void* context) const noexcept;
  std::size_t bytes() const noexcept;

 private:
  friend class AutomatonSpace;
  explicit Automaton(hs_database* database) noexcept : database_(database) {}
  hs_database* database_{nullptr};
};

}  // namespace gatehouse::filters
