// ScanPlan: how values are tested ahead of the rules. Rules are not run over values; each value is transformed once for
// each distinct chain and every distinct result is scanned once, for all rules that look at it. What comes out is the
// list of links that this value may match. Built by compile(), immutable, shared; ScanSpace is one thread's scratch.
//
// Fields whose rules have much in common share a group with one automaton for all their patterns. Some transformations
// change ordinary text (removing blanks, say), so such a value has several views; for those the group has further
// automata that hold the few patterns of just these chains.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "match/automaton.hpp"
#include "rules/chains.hpp"
#include "rules/rule.hpp"

namespace gatehouse::filters {

/// A set of chains, by their number in the plan.
using ChainSet = unsigned __int128;
inline constexpr unsigned chains_max = 128;

/// The distinct texts a value turns into, each with the chains that lead to it. The first is the value itself.
struct ScanViews {
  struct View {
    std::string_view text;
    ChainSet chains;
  };
  std::vector<View> views;
};

struct ScanSpace {
  AutomatonSpace automaton;
  ChainRun chains;
  ScanViews views;
};

class ScanPlan {
 public:
  /// Whether values can be tested for this link ahead of the rules.
  static bool takes(const Link& link) noexcept;
  /// Adds a link; false when there is no chain number left, and the link must be run like any other.
  bool add(const Link& link);
  /// Compiles the automata. Nothing can be added afterwards.
  Result<void, std::string> finish(const std::string& cache_folder, const UnicodeMap* map);

  void fit(ScanSpace& space) const;

  /// Called for each link that the value may match.
  using Report = void (*)(void* context, const Link& link);
  struct Subject {
    Field field{};
    std::string_view key;
    std::string_view text;
  };
  void scan(const Subject& subject, ScanSpace& space, MatchContext& match, Report report, void* context) const;

  std::size_t automaton_bytes() const noexcept;
  std::size_t chain_count() const noexcept { return chains_.size(); }

 private:
  struct Chain {
    ChainTree::Node node{0};
    std::uint64_t transforms{0};
  };
  /// A pattern belongs to links; it counts on values of these fields after any of these chains.
  struct Use {
    const Link* link{nullptr};
    FieldSet fields{0};
    ChainSet chains{0};
  };
  /// Patterns that are searched for together.
  struct Part {
    std::uint64_t signature{0};  // the transformations that set its chains apart
    ChainSet chains{0};
    std::vector<std::vector<Use>> uses;  // by pattern number
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<NumberedPattern> patterns;
    std::unique_ptr<const Automaton> automaton;
  };
  struct Group {
    Part all;                  // for values as they are
    std::vector<Part> apart;   // for views that only some chains lead to
    std::vector<Use> tests;    // links that an automaton cannot help
    ChainSet plain{0};         // chains that belong to no part of their own
    std::array<ChainSet, field_count> scanned{}, tested{};  // chains to scan and to test, by field
  };
  struct Pass;

  std::optional<unsigned> number_of(ChainTree::Node node);
  std::optional<ChainSet> chains_of(const Link& link, const std::vector<Transform>& transforms);
  Group& group_of(Field field, const Target& target);
  void add_to(Group& group, Use use, const std::vector<Pattern>& patterns);
  static void add_patterns(Part& part, const Use& use, const std::vector<Pattern>& patterns);
  static Result<void, std::string> finish_part(Part& part, const std::string& cache_folder);
  void collect(ChainSet wanted, std::string_view text, ScanSpace& space) const;
  void scan_group(const Group& group, Pass& pass) const;
  const Group* keyed_group(const Subject& subject) const;
  template <class Visit>
  void each_group(Visit&& visit) const;

  ChainTree tree_;
  std::vector<Chain> chains_;
  std::uint64_t transforms_{0};
  std::array<std::unique_ptr<Group>, field_count> groups_;  // by the first field that has the group
  std::unordered_map<std::string, std::unique_ptr<Group>> header_groups_;  // links that look at one header only
  const UnicodeMap* map_{nullptr};
};

}  // namespace gatehouse::filters
