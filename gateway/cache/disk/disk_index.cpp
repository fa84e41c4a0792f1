#include "gateway/cache/disk/disk_index.hpp"

#include <algorithm>

#include "gateway/cache/disk/record.hpp"

namespace gatehouse::cache {
namespace {

constexpr std::size_t entries_min = 16;
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
std::size_t DiskIndex::home(const Part& part, std::uint64_t identity) noexcept {
  const std::uint64_t key = identity >> variant_bits << variant_bits;
  return static_cast<std::size_t>((static_cast<unsigned __int128>(key) * part.entries.size()) >> 64);
}

template <class P, class F>
void DiskIndex::each_of(P& part, const Key& key, F&& visit) const {
  if (part.entries.empty()) return;
  const std::uint64_t identity = identity_of(key, 0);
  for (std::size_t at = home(part, identity); part.entries[at].segment != 0; at = next(part, at)) {
    if (same_key(part.entries[at].identity, identity) && !dead(part.entries[at])) visit(part.entries[at]);
  }
}

void DiskIndex::put(const Key& key, std::uint32_t variant, DiskPlace place, std::uint32_t room) {
  const std::uint32_t units = (room * record_alignment + size_unit - 1) / size_unit;
  Entry entry;
  entry.identity = identity_of(key, variant);
  entry.segment = place.segment;
  entry.offset = place.offset & ((1u << 20) - 1);
  entry.size = std::min(units, size_max) & size_max;
  count(entry.segment, 1);
  Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  make_room(part);
  Entry* reuse = nullptr;  // the first dead entry on the way
  std::size_t at = home(part, entry.identity);
  for (; part.entries[at].segment != 0; at = next(part, at)) {
    Entry& other = part.entries[at];
    if (dead(other)) {
      if (reuse == nullptr) reuse = &other;
    } else if (other.identity == entry.identity) {
      count(other.segment, -1);
      other = entry;
      return;
    }
  }
  if (reuse == nullptr) ++part.taken;
  (reuse != nullptr ? *reuse : part.entries[at]) = entry;
}

std::vector<DiskPlace> DiskIndex::find(const Key& key) {
  std::vector<DiskPlace> places;
  {
    Part& part = part_of(key);
    const std::scoped_lock held(part.guard);
    each_of(part, key, [&](Entry& entry) {
      entry.used = 1;
      places.push_back(place_of(entry));
    });
  }
  std::ranges::sort(places, [](const DiskPlace& a, const DiskPlace& b) {
    return a.segment != b.segment ? a.segment > b.segment : a.offset > b.offset;
  });
  return places;
}

bool DiskIndex::has(const Key& key) const {
  bool found = false;
  const Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  each_of(part, key, [&](const Entry&) { found = true; });
  return found;
}

void DiskIndex::erase(const Key& key) {
  Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  each_of(part, key, [&](Entry& entry) { erase(entry); });
}

void DiskIndex::erase(const Key& key, const DiskPlace& place) {
  Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  each_of(part, key, [&](Entry& entry) {
    if (place_of(entry) == place) erase(entry);
  });
}

void DiskIndex::erase(const Key& key, std::uint32_t variant) {
  const std::uint64_t identity = identity_of(key, variant);
  Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  each_of(part, key, [&](Entry& entry) {
    if (entry.identity == identity) erase(entry);
  });
}

void DiskIndex::erase(Entry& entry) {
  count(entry.segment, -1);
  entry.segment = erased;
}

bool DiskIndex::was_used(const Key& key, const DiskPlace& place) const {
  bool used = false;
  const Part& part = part_of(key);
  const std::scoped_lock held(part.guard);
  each_of(part, key, [&](const Entry& entry) {
    used = used || (entry.used != 0 && entry.segment == place.segment && entry.offset == place.offset);
  });
  return used;
}

void DiskIndex::drop_before(std::uint32_t segment) {
  const std::scoped_lock held(counts_guard_);
  oldest_ = std::max(oldest_.load(), segment);
  live_.erase(live_.begin(), live_.lower_bound(segment));
}

void DiskIndex::count(std::uint32_t segment, int change) {
  const std::scoped_lock held(counts_guard_);
  if (segment >= oldest_) live_[segment] += static_cast<std::uint64_t>(std::int64_t{change});
}

// At most seven eighths are taken; then the dead go, and the living get 10/7 of the room they need: between 18 and 23
// bytes each.
void DiskIndex::make_room(Part& part) const {
  if ((part.taken + 1) * 8 <= part.entries.size() * 7) return;
  const auto live = std::ranges::count_if(part.entries, [this](const Entry& entry) { return !dead(entry); });
  std::vector<Entry> old(std::max(entries_min, (static_cast<std::size_t>(live) + 1) * 10 / 7));
  std::swap(old, part.entries);
  part.taken = 0;
  for (const Entry& entry : old) {
    if (dead(entry)) continue;  // free ones are as well
    std::size_t at = home(part, entry.identity);
    while (part.entries[at].segment != 0) at = next(part, at);
    part.entries[at] = entry;
    ++part.taken;
  }
}

std::size_t DiskIndex::size() const {
  std::size_t sum = 0;
  const std::scoped_lock held(counts_guard_);
  for (const auto& [segment, entries] : live_) sum += static_cast<std::size_t>(entries);
  return sum;
}

std::size_t DiskIndex::bytes() const {
  std::size_t sum = 0;
  for (const Part& part : parts_) {
    const std::scoped_lock held(part.guard);
    sum += part.entries.capacity() * sizeof(Entry);
  }
  return sum;
}

}  // namespace gatehouse::cache
