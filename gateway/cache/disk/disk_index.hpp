// DiskIndex: where on disk the variants of a key are: 16 bytes an entry in flat arrays, open addressing. An entry has
// 44 bits of the key, 20 bits that tell variants apart, the segment and the place in it.
// Whoever reads there compares the full key, so that two keys that look alike here cost a read and no wrong answer.
//
// Segments go oldest first, so an entry of a segment before the oldest is simply dead; its slot is used again. The array
// is in parts with a lock each, so that making room in one, which takes time, holds up few. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "gateway/cache/key.hpp"

namespace gatehouse::cache {

/// Where a record is.
struct DiskPlace {
  std::uint32_t segment{0};  // its sequence
  std::uint32_t offset{0};   // in units of record_alignment
  std::uint32_t read_size{0};  // bytes that hold the whole record, or its beginning when it is large
  bool operator==(const DiskPlace&) const = default;
};

class DiskIndex {
 public:
  static constexpr std::uint32_t first_segment = 2;

  /// Takes the place of an older record of the same key and variant. `room`: the record's, in units of 64 bytes.
  void put(const Key& key, std::uint32_t variant, DiskPlace place, std::uint32_t room);
  /// The places of a key's variants, newest first. Counts a use of each.
  std::vector<DiskPlace> find(const Key& key);
  bool has(const Key& key) const;
  void erase(const Key& key);
  /// Takes out what turned out not to be there.
  void erase(const Key& key, const DiskPlace& place);
  /// Takes out a variant, wherever it is.
  void erase(const Key& key, std::uint32_t variant);
  /// The oldest segment whose entries are not dead.
  std::uint32_t oldest() const noexcept { return oldest_.load(std::memory_order_acquire); }
  /// Entries of earlier segments are dead from here on.
  void drop_before(std::uint32_t segment);
  /// Whether the record there is still the one in force, and was used since it was written.
  bool was_used(const Key& key, const DiskPlace& place) const;

  /// Entries that are not dead.
  std::size_t size() const;
  std::size_t bytes() const;

 private:
  struct Entry {
    std::uint64_t identity{0};  // 44 bits of key, which also say where it belongs, and 20 of variant
    std::uint32_t segment{0};   // 0: free
    std::uint32_t offset : 20 {0};
    std::uint32_t size : 11 {0};  // in units of 8 KiB, rounded up
    std::uint32_t used : 1 {0};
  };
  static_assert(sizeof(Entry) == 16);
  static constexpr unsigned variant_bits = 20;
  static constexpr std::uint32_t erased = 1;  // a segment that is always dead: sequences begin at first_segment

  struct Part {
    mutable std::mutex guard;
    std::vector<Entry> entries;
    std::size_t taken{0};  // entries that are not free
  };

  static std::uint64_t identity_of(const Key& key, std::uint32_t variant) noexcept;
  static bool same_key(std::uint64_t a, std::uint64_t b) noexcept { return a >> variant_bits == b >> variant_bits; }
  static DiskPlace place_of(const Entry& entry) noexcept;
  static std::size_t home(const Part& part, std::uint64_t identity) noexcept;
  static std::size_t next(const Part& part, std::size_t at) noexcept {
    return at + 1 == part.entries.size() ? 0 : at + 1;
  }
  bool dead(const Entry& entry) const noexcept { return entry.segment < oldest_.load(std::memory_order_relaxed); }
  const Part& part_of(const Key& key) const noexcept { return parts_[(key.b >> variant_bits) % parts_.size()]; }
  Part& part_of(const Key& key) noexcept { return parts_[(key.b >> variant_bits) % parts_.size()]; }
  template <class P, class F>
  void each_of(P& part, const Key& key, F&& visit) const;
  void make_room(Part& part) const;
  void erase(Entry& entry);
  void count(std::uint32_t segment, int change);

  std::array<Part, 64> parts_;
  std::atomic<std::uint32_t> oldest_{first_segment};
  mutable std::mutex counts_guard_;
  std::map<std::uint32_t, std::uint64_t> live_;  // entries by segment; of those that are not gone
};

}  // namespace gatehouse::cache
