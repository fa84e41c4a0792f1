#include "gateway/cache/key_index.hpp"

#include <utility>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::size_t entries_min = 64;

/// At most seven eighths in use: above that the runs of linear probing grow long.
constexpr bool crowded(std::size_t size, std::size_t room) noexcept { return (size + 1) * 8 > room * 7; }

}  // namespace

void KeyIndex::insert(Object& object) {
  GH_DEBUG_ASSERT((reinterpret_cast<std::uint64_t>(&object) & ~pointer_mask) == 0);
  if (crowded(size_, entries_.size())) grow();
  put(object);
  ++size_;
}

void KeyIndex::put(Object& object) noexcept {
  std::size_t at = home(object.key());
  while (entries_[at] != 0) at = next(at);
  entries_[at] = (tag(object.key()) << tag_shift) | reinterpret_cast<std::uint64_t>(&object);
}

void KeyIndex::grow() {
  std::vector<std::uint64_t> old(entries_.empty() ? entries_min : entries_.size() + entries_.size() / 4);
  std::swap(old, entries_);
  for (const std::uint64_t entry : old) {
    if (entry != 0) put(*object_of(entry));
  }
}

// The entries behind the gap move up as far as their home allows, so that no tombstones are needed (Knuth, 6.4 R).
void KeyIndex::erase(const Object& object) noexcept {
  if (entries_.empty()) return;
  std::size_t gap = home(object.key());
  while (entries_[gap] != 0 && object_of(entries_[gap]) != &object) gap = next(gap);
  if (entries_[gap] == 0) return;
  --size_;
  for (std::size_t at = next(gap); entries_[at] != 0; at = next(at)) {
    const std::size_t from_home = (at + entries_.size() - home(object_of(entries_[at])->key())) % entries_.size();
    const std::size_t from_gap = (at + entries_.size() - gap) % entries_.size();
    if (from_home < from_gap) continue;
    entries_[gap] = entries_[at];
    gap = at;
  }
  entries_[gap] = 0;
}

}  // namespace gatehouse::cache
