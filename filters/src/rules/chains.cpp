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

void ChainRun::start(const ChainTree& tree, std::string_view value, std::uint64_t effective, const UnicodeMap* map) {
  tree_ = &tree;
  value_ = {value, effective};
  map_ = map;
  ++stamp_;
  if (slots_.size() < tree.size()) slots_.resize(tree.size());
}

ChainRun::State ChainRun::state(ChainTree::Node node) {
  // Nothing on the way to the node has an effect. Only true of untouched values: a step that changes the value may give
  // later ones something to do.
  if ((tree_->transforms(node) & value_.effective) == 0) return value_;
  Slot& slot = slots_[node];
  if (slot.stamp == stamp_) return slot.state;
  slot.stamp = stamp_;
  slot.state = state(tree_->parent(node));
  const Transform transform = tree_->transform(node);
  const std::string_view before = slot.state.text;
  if ((slot.state.effective & bit_of(transform)) == 0) return slot.state;
  const std::string_view after = apply(transform, before, slot.scratch, map_);
  // What has changed is looked at once more: that costs less than the steps it may spare.
  if (after.data() != before.data() || after.size() != before.size()) slot.state = {after, changing(classify(after))};
  return slot.state;
}

}  // namespace gatehouse::filters
