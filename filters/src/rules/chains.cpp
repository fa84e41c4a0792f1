#include "rules/chains.hpp"

namespace gatehouse::filters {

namespace {

static_assert(transform_count <= 64);

}  // namespace

ChainTree::Node ChainTree::intern(const std::vector<Transform>& chain) {
  Node at = 0;
  for (const Transform transform : chain) {
    if (transform == Transform::none) continue;
    Node next = 0;
    for (Node i = 1; i < nodes_.size(); ++i) {
      if (nodes_[i].parent == at && nodes_[i].transform == transform) next = i;
    }
    if (next == 0) {
      next = static_cast<Node>(nodes_.size());
      nodes_.push_back({transform, at, nodes_[at].transforms | bit_of(transform)});
    }
    at = next;
  }
  return at;
}

std::uint64_t effective_transforms(std::uint64_t asked, ByteClasses classes) noexcept {
  std::uint64_t effective = 0;
  for (std::uint64_t rest = asked; rest != 0; rest &= rest - 1) {
    const auto transform = static_cast<Transform>(__builtin_ctzll(rest));
    if (!is_identity(transform, classes)) effective |= bit_of(transform);
  }
  return effective;
}

void ChainRun::start(const ChainTree& tree, std::string_view value, std::uint64_t effective, const UnicodeMap* map) {
  tree_ = &tree;
  value_ = value;
  effective_ = effective;
  map_ = map;
  ++stamp_;
  if (slots_.size() < tree.size()) slots_.resize(tree.size());
}

std::string_view ChainRun::at(ChainTree::Node node) {
  // Nothing on the way to the node has an effect. Only true of untouched values: a step that changes the value may give
  // later ones something to do.
  if ((tree_->transforms(node) & effective_) == 0) return value_;
  Slot& slot = slots_[node];
  if (slot.stamp == stamp_) return slot.view;
  const std::string_view before = at(tree_->parent(node));
  const bool untouched = before.data() == value_.data() && before.size() == value_.size();
  const Transform transform = tree_->transform(node);
  slot.view = untouched && (effective_ & bit_of(transform)) == 0 ? before : apply(transform, before, slot.scratch, map_);
  slot.stamp = stamp_;
  return slot.view;
}

}  // namespace gatehouse::filters
