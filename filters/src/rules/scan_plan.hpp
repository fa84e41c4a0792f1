// ScanPlan: how values are tested ahead of the rules. Rules are not run over values; each value is transformed once for
// each distinct chain and every distinct result is scanned once, for all rules that look at it. What comes out is the
// list of links that this value may match. Built by compile(), immutable, shared; ScanSpace is one thread's scratch.
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

/// Fields whose values are scanned with the same automaton.
enum class ScanGroup : std::uint8_t { parameters, head, request_body, response };
inline constexpr unsigned scan_group_count = 4;
ScanGroup scan_group(Field field) noexcept;

struct ScanSpace {
  AutomatonSpace automaton;
  ChainRun chains;
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
  struct Group {
    std::vector<std::vector<Use>> uses;  // by pattern number
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<NumberedPattern> patterns;
    std::unique_ptr<const Automaton> automaton;
    std::vector<Use> tests;                            // links that an automaton cannot help
    std::array<ChainSet, field_count> scanned{}, tested{};  // chains to scan and to test, by field
  };
  struct Views;

  std::optional<unsigned> number_of(ChainTree::Node node);
  std::optional<ChainSet> chains_of(const Link& link);
  void add_to(Group& group, const Use& use, const std::vector<Pattern>& patterns);
  void collect(ChainSet wanted, std::string_view text, ScanSpace& space, Views& views) const;

  ChainTree tree_;
  std::vector<Chain> chains_;
  std::uint64_t transforms_{0};
  std::array<Group, scan_group_count> groups_;
  const UnicodeMap* map_{nullptr};
};

}  // namespace gatehouse::filters
