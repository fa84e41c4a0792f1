// ScanPlan: how values are tested ahead of the rules. Rules are not run over values; each value is transformed once for
// each distinct chain and every distinct result is scanned once, for all rules that look at it. What comes out is the
// list of links that this value may match. Built by compile(), immutable, shared; ScanSpace is one thread's scratch.
//
// Fields whose rules have much in common share a group with one set of patterns. Some transformations change ordinary
// text (removing blanks, say), so such a value has several views; for those the group has further sets that hold the few
// patterns of just these chains.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ascii.hpp"
#include "gatehouse/filters/rule_set.hpp"
#include "match/pattern_set.hpp"
#include "rules/chain_set.hpp"
#include "rules/chains.hpp"
#include "rules/rule.hpp"

namespace gatehouse::filters {

/// The distinct texts a value turns into, each with the chains that lead to it. The first is the value itself.
struct ScanViews {
  struct View {
    std::string_view text;
    ChainSet chains;
    Alphabet alphabet;
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
  /// Compiles the patterns. Nothing can be added afterwards.
  Result<void, std::string> finish(const std::string& cache_folder, const RunJobs& run_jobs, const UnicodeMap* map);

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
    std::string header;  // the only header it counts on, lower-case; empty: any member of its fields
  };
  /// Patterns that are searched for together.
  struct Part {
    std::uint64_t signature{0};  // the transformations that set its chains apart
    ChainSet chains{0};
    std::vector<std::vector<Use>> uses;  // by pattern number
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<NumberedPattern> patterns;
    std::optional<PatternSet> set;
  };
  /// The chains to search after and those to test after.
  struct Wanted {
    ChainSet scanned{0}, tested{0};
  };
  struct Added {
    Use use;
    std::vector<Pattern> patterns;
  };
  struct Group {
    std::vector<Added> added;  // until finish()
    Part all;                  // for values as they are
    std::vector<Part> apart;   // for views that only some chains lead to
    std::vector<Use> tests;    // links that patterns cannot help
    ChainSet plain{0};         // chains that belong to no part of their own
    std::array<Wanted, field_count> wanted{};
  };
  /// Rules that look at one header only.
  struct HeaderGroup {
    std::unique_ptr<Group> own;  // null: they are in the common group
    Wanted wanted;
  };
  struct Pass;

  // scan_plan.cpp
  void collect(ChainSet wanted, std::string_view text, ScanSpace& space) const;
  void scan_group(const Group& group, const Wanted& wanted, Pass& pass) const;
  const Group* group_of(Field field) const noexcept { return groups_[owner_[static_cast<unsigned>(field)]].get(); }

  // scan_plan_build.cpp
  std::optional<unsigned> number_of(ChainTree::Node node);
  std::optional<ChainSet> chains_of(const Link& link, const std::vector<Transform>& transforms);
  Group& group_for(Field field, const Target& target);
  void merge_groups();
  void add_to(Group& group, Added added);
  static void add_patterns(Part& part, const Use& use, const std::vector<Pattern>& patterns);
  Result<void, std::string> compile_parts(const std::string& cache_folder, const RunJobs& run_jobs);
  template <class Visit>
  void each_group(Visit&& visit) const;

  ChainTree tree_;
  std::vector<Chain> chains_;
  std::uint64_t transforms_{0};  // of all chains
  std::array<ChainSet, transform_count> chains_with_{};  // by transformation
  std::array<std::uint8_t, field_count> owner_{};  // the field whose place in groups_ a field uses
  std::array<std::unique_ptr<Group>, field_count> groups_;
  CaseBlindMap<HeaderGroup> headers_;
  const UnicodeMap* map_{nullptr};
};

}  // namespace gatehouse::filters
