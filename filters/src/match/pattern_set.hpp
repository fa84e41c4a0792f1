// PatternSet: many patterns that are searched for together, however a text looks. Most texts hold only letters, digits
// and a little punctuation, and most patterns of attacks cannot occur in those. So the set has an automaton for texts of
// word bytes, small and fast; and expressions that spell out the evasions of a shell between any two letters, which make
// automata huge or inexact, are searched for in the form they have for texts without a shell's special bytes. In any
// other text those are reported unseen, for the regular expression itself to decide. Immutable and shared.
#pragma once

#include <array>
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
  /// Compiling takes seconds, so that its result is kept in the folder under a name made from the patterns; an empty name
  /// keeps nothing. Patterns that no automaton can search for are always reported. Fails with the compiler's message.
  static Result<PatternSet, std::string> build(const std::vector<NumberedPattern>& patterns, const std::string& cache_folder);

  void fit(AutomatonSpace& space) const;
  /// Reports numbers as Automaton::scan() does, some of them twice.
  void scan(std::string_view text, Alphabet alphabet, AutomatonSpace& space, Automaton::Report report, void* context) const;
  std::size_t bytes() const noexcept;

 private:
  PatternSet() = default;
  static Result<PatternSet, std::string> compiled(const std::vector<NumberedPattern>& patterns);
  bool restore(std::string_view bytes);
  std::string stored() const;

  // For texts of word bytes; for all others; and also for Alphabet::text. Several of each: what compiling costs grows
  // faster than the number of patterns, what scanning saves by having them together soon does not.
  static constexpr std::size_t word = 0, plain = 1, spelt = 2;
  std::array<std::vector<Automaton>, 3> automata_;
  // Numbers that are reported unseen for word bytes, for text, and for any others.
  std::array<std::vector<std::uint32_t>, 3> unseen_;
};

}  // namespace gatehouse::filters
