// PatternSet: many patterns that are searched for together, however a text looks. Most texts hold only letters, digits
// and a little punctuation, and most patterns of attacks cannot occur in those. So the set has an automaton for texts of
// word bytes, small and fast; and expressions that spell out the evasions of a shell between any two letters, which make
// automata huge or inexact, are searched for in the form they have for texts without a shell's special bytes. In any
// other text those are reported unseen, for the regular expression itself to decide. Immutable and shared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/automaton.hpp"

namespace gatehouse::filters {

/// The narrowest alphabet that has all bytes of a text.
enum class Alphabet : std::uint8_t {
  word,  // letters, digits, _ . -
  text,  // ASCII without controls other than tab, CR and LF, and without $ \ ` { } | & < >
  any,
};
Alphabet alphabet_of(std::string_view text) noexcept;

class PatternSet {
 public:
  /// Patterns must be such that Automaton::takes() agrees; see Automaton::build().
  static Result<PatternSet, std::string> build(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder);

  void fit(AutomatonSpace& space) const;
  /// Reports numbers as Automaton::scan() does, some of them twice.
  void scan(std::string_view text, Alphabet alphabet, AutomatonSpace& space, Automaton::Report report, void* context) const;
  std::size_t bytes() const noexcept;

 private:
  PatternSet() = default;
  std::optional<Automaton> word_;   // for texts of word bytes, all there is
  std::optional<Automaton> plain_;  // for all others
  std::optional<Automaton> spelt_;  // and this one too, for Alphabet::text
  std::vector<std::uint32_t> unseen_;  // what spelt_ searches for
};

}  // namespace gatehouse::filters
