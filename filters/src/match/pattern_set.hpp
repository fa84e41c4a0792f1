// PatternSet: many patterns that are searched for together, however a text looks. Most texts hold only letters, digits
// and a little punctuation, and most patterns of attacks cannot occur in those. So the set has automata for texts of
// word bytes and for prose, small and fast; and expressions that spell out the evasions of a shell between any two
// letters, which make automata huge or inexact, are searched for in the form they have for texts without a shell's
// special bytes. In any other text those are reported unseen, for the regular expression itself to decide. Made by
// PatternSetBuild. Immutable and shared.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "match/alphabet.hpp"
#include "match/automaton.hpp"

namespace gatehouse::filters {

class PatternSet {
 public:
  void fit(AutomatonSpace& space) const;
  /// Reports numbers as Automaton::scan() does, some of them twice.
  void scan(std::string_view text, Alphabet alphabet, AutomatonSpace& space, Automaton::Report report, void* context) const;
  std::size_t bytes() const noexcept;

 private:
  friend class PatternSetBuild;
  PatternSet() = default;
  bool restore(std::string_view bytes);
  std::string stored() const;

  // For words; for prose; for all others; and also for Alphabet::text. Several of each: what compiling costs grows
  // faster than the number of patterns, what scanning saves by having them together soon does not.
  enum Kind : std::size_t { word, prose, plain, spelt };
  std::array<std::vector<Automaton>, 4> automata_;
  std::array<std::vector<std::uint32_t>, alphabet_count> unseen_;  // numbers that are reported unseen
};

}  // namespace gatehouse::filters
