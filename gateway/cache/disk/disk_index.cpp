#include "gateway/cache/disk/disk_index.hpp"

#include <algorithm>

#include "gateway/cache/disk/record.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::size_t entries_min = 64;
constexpr std::uint32_t size_unit = 8 * 1024;
constexpr std::uint32_t size_max = (1u << 11) - 1;

}  // namespace

std::uint64_t DiskIndex::identity_of(const Key& key, std::uint32_t variant) noexcept {
  constexpr std::uint64_t variant_mask = (std::uint64_t{1} << variant_bits) - 1;
  return (key.b & ~variant_mask) | (variant & variant_mask);
}

DiskPlace DiskIndex::place_of(const Entry& entry) noexcept {
  return {entry.segment, entry.offset, entry.size * size_unit};
}

/// The upper half of a product: spreads over any number of entries.
std::size_t DiskIndex::home(std::uint64_t identity) const noexcept {
  const std::uint64_t key = identity >> variant_bits << variant_bits;
  return static_cast<std::size_t>((static_cast<unsigned __int128>(key) * entries_.size()) >> 64);
}

template <class F>
void DiskIndex::each_of(const Key& key, F&& visit) const {
  if (entries_.empty()) return;
  const std::uint64_t identity = identity_of(key, 0);
  for (std::size_t at = home(identity); entries_[at].segment != 0; at = next(at)) {
    if (same_key(entries_[at].identity, identity) && !dead(entries_[at])) visit(at);
  }
}

void DiskIndex::put(const Key& key, std::uint32_t variant, DiskPlace place, std::uint32_t room) {
  const std::uint32_t units = (room * record_alignment + size_unit - 1) / size_unit;
  Entry entry;
  entry.identity = identity_of(key, variant);
  entry.segment = place.segment;
  entry.offset = place.offset & ((1u << 20) - 1);
  entry.size = std::min(units, size_max) & size_max;
  const std::scoped_lock held(guard_);
  make_room();
  std::size_t at = home(entry.identity);
  std::size_t reuse = entries_.size();  // the first dead entry on the way
  while (entries_[at].segment != 0) {
    if (dead(entries_[at])) {
      if (reuse == entries_.size()) reuse = at;
    } else if (entries_[at].identity == entry.identity) {
      entries_[at] = entry;
      return;
    }
    at = next(at);
  }
  if (reuse == entries_.size()) ++taken_;
  entries_[reuse == entries_.size() ? at : reuse] = entry;
}

std::vector<DiskPlace> DiskIndex::find(const Key& key) {
  std::vector<DiskPlace> places;
  const std::scoped_lock held(guard_);
  each_of(key, [&](std::size_t at) {
    entries_[at].used = 1;
    places.push_back(place_of(entries_[at]));
  });
  std::ranges::sort(places, [](const DiskPlace& a, const DiskPlace& b) {
    return a.segment != b.segment ? a.segment > b.segment : a.offset > b.offset;
  });
  return places;
}

bool DiskIndex::has(const Key& key) const {
  bool found = false;
  const std::scoped_lock held(guard_);
  each_of(key, [&](std::size_t) { found = true; });
  return found;
}

void DiskIndex::erase(const Key& key) {
  const std::scoped_lock held(guard_);
  each_of(key, [&](std::size_t at) { entries_[at].segment = erased; });
}

void DiskIndex::erase(const Key& key, const DiskPlace& place) {
  const std::scoped_lock held(guard_);
  each_of(key, [&](std::size_t at) {
    if (place_of(entries_[at]) == place) entries_[at].segment = erased;
  });
}

bool DiskIndex::was_used(const Key& key, const DiskPlace& place) const {
  bool used = false;
  const std::scoped_lock held(guard_);
  each_of(key, [&](std::size_t at) {
    const Entry& entry = entries_[at];
    used = used || (entry.used != 0 && entry.segment == place.segment && entry.offset == place.offset);
  });
  return used;
}

void DiskIndex::drop_before(std::uint32_t segment) {
  const std::scoped_lock held(guard_);
  oldest_ = std::max(oldest_, segment);
}

// At most seven eighths are taken; then the dead go, and the living get a quarter more room than they need: between 18
// and 23 bytes each.
void DiskIndex::make_room() {
  if ((taken_ + 1) * 8 <= entries_.size() * 7) return;
  const auto live = std::ranges::count_if(entries_, [this](const Entry& entry) { return !dead(entry); });
  std::vector<Entry> old(std::max(entries_min, (static_cast<std::size_t>(live) + 1) * 10 / 7));
  std::swap(old, entries_);
  taken_ = static_cast<std::size_t>(live);
  for (const Entry& entry : old) {
    if (dead(entry)) continue;  // free ones are as well
    std::size_t at = home(entry.identity);
    while (entries_[at].segment != 0) at = next(at);
    entries_[at] = entry;
  }
}

std::size_t DiskIndex::size() const {
  const std::scoped_lock held(guard_);
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [this](const Entry& entry) { return !dead(entry); }));
}

std::size_t DiskIndex::bytes() const {
  const std::scoped_lock held(guard_);
  return entries_.capacity() * sizeof(Entry);
}

}  // namespace gatehouse::cache
