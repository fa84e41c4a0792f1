// ChainTree: all transformation chains of a program as one tree, so that chains with the same beginning share its work.
// A chain is a node; node 0 is the value as it is. ChainRun computes nodes for one value, each at most once, and leaves
// out what the value's byte classes show to be without effect.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "transforms/transforms.hpp"

namespace gatehouse::filters {

/// A set of transformations has one bit for each.
constexpr std::uint64_t bit_of(Transform transform) noexcept { return std::uint64_t{1} << static_cast<unsigned>(transform); }

class ChainTree {
 public:
  using Node = std::uint16_t;

  ChainTree() { nodes_.push_back({}); }
  /// The node of that chain; made when it is new.
  Node intern(const std::vector<Transform>& chain);

  std::size_t size() const noexcept { return nodes_.size(); }
  Node parent(Node node) const noexcept { return nodes_[node].parent; }
  Transform transform(Node node) const noexcept { return nodes_[node].transform; }
  /// The transformations on the way to a node, one bit each.
  std::uint64_t transforms(Node node) const noexcept { return nodes_[node].transforms; }

 private:
  struct Entry {
    Transform transform{Transform::none};
    Node parent{0};
    std::uint64_t transforms{0};
  };
  std::vector<Entry> nodes_;
};

class ChainRun {
 public:
  /// Starts with a new value and the transformations that may change it; what an earlier one gave is gone.
  void start(const ChainTree& tree, std::string_view value, std::uint64_t effective, const UnicodeMap* map);
  /// The value after the chain. Valid until the next start().
  std::string_view at(ChainTree::Node node) { return state(node).text; }

 private:
  /// What the value has become, and the transformations that may change it further.
  struct State {
    std::string_view text;
    std::uint64_t effective{0};
  };
  State state(ChainTree::Node node);

  struct Slot {
    State state;
    std::uint32_t stamp{0};
    Scratch scratch;
  };
  const ChainTree* tree_{nullptr};
  State value_;
  const UnicodeMap* map_{nullptr};
  std::uint32_t stamp_{0};
  std::vector<Slot> slots_;
};

}  // namespace gatehouse::filters
