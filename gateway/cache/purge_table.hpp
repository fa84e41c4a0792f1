// PurgeTable: what was purged and when, as epochs, so that a purge costs the same however many objects it hits. A purge
// notes hash(URL, prefix, host, tag, path or all) with the next number of a counter; an object remembers up to which number
// it was checked. At a lookup an object whose number is the counter's needs no more than that compare; else its URL,
// every prefix of its path by segments, its host and its tags are looked up once, and the number is brought forward.
//
// Purging is effective for every lookup that begins after purge() returned. A response that was under way at the time
// is hit as well: its epoch is that of the moment its request was sent. Hard: gone. Soft: to be treated as stale.
// Schemes are not told apart: a URL purged is purged for http and https.
//
// Any thread. Records older than the longest time an object may be kept are dropped with drop_before(); objects that
// were not checked since one of those are gone, so that nothing comes back.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/cache/object.hpp"
#include "gateway/cache/siphash.hpp"

namespace gatehouse::cache {

/// path and path_start are of every host, with the query; a path_start need not end where a segment does. The numbers are
/// written to disk.
enum class PurgeKind : std::uint8_t { url, prefix, host, tag, all, path, path_start };
inline constexpr std::size_t purge_kinds = static_cast<std::size_t>(PurgeKind::path_start) + 1;
enum class PurgeMode : std::uint8_t { soft, hard };
enum class Purged : std::uint8_t { valid, soft, gone };

/// One purge, as it is kept and as it is written to disk.
struct PurgeRecord {
  std::uint64_t hash{0};  // of kind and text
  std::uint64_t epoch{0};
  std::int64_t at_ms{0};  // wall time
  PurgeKind kind{};
  PurgeMode mode{};
  std::uint16_t length{0};  // bytes of a path_start
};

class PurgeTable {
 public:
  explicit PurgeTable(const Secret& secret) noexcept : secret_(secret) {}

  /// The number of the last purge. To be read before a request is sent whose response may be stored.
  std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }

  /// Purges by URL or prefix (as in Object::key_text; the scheme may be missing), host, tag, path, path_start (at most 64 KiB
  /// less one) or all (no text).
  PurgeRecord purge(PurgeKind kind, std::string_view text, PurgeMode mode, std::int64_t now_ms);
  /// Takes over a record that was made before a restart. The counter goes on behind it.
  void restore(const PurgeRecord& record);
  /// Lets the counter go on behind a number that was in use before a restart.
  void continue_after(std::uint64_t epoch);

  /// Whether the object was purged. What is found out is noted in the object.
  Purged check(const Object& object) const;
  /// The same for what is no Object (yet), by the number it was last checked at.
  struct Subject {
    std::string_view key_text;
    std::span<const std::uint64_t> tags;
    std::uint64_t checked;
  };
  Purged check(const Subject& subject) const;

  /// The hash of a tag, for ObjectSpec::tags. Letter case counts: lower it before where it must not.
  std::uint64_t hash_of(std::string_view tag) const noexcept;

  /// Forgets records made before a time: now less the longest time that an object may be kept and used.
  void drop_before(std::int64_t at_ms);
  std::size_t size() const;
  /// Every record in force, by epoch.
  std::vector<PurgeRecord> records() const;

 private:
  struct Last {  // the last purge of each mode
    std::uint64_t epoch{0};
    std::int64_t at_ms{0};
  };
  struct Entry {
    Last modes[2];  // by PurgeMode
    PurgeKind kind{};
    std::uint16_t length{0};
  };
  using Lasts = std::uint64_t[2];
  std::uint64_t hash(PurgeKind kind, std::string_view text) const;
  void note(const PurgeRecord& record);
  void look_up(std::uint64_t hash, Lasts& lasts) const noexcept;
  void look_up_prefixes(std::string_view host_and_path, Lasts& lasts) const noexcept;
  void look_up_starts(std::string_view path, Lasts& lasts) const noexcept;

  const Secret secret_;
  std::atomic<std::uint64_t> epoch_{1};
  mutable std::shared_mutex guard_;  // of what follows
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::array<std::size_t, purge_kinds> entries_of_{};  // by kind: what nobody uses is not looked up
  std::map<std::uint16_t, std::size_t> starts_;        // entries of path_start by their length
  std::uint64_t floor_{0};  // number of the newest record that was forgotten
};

}  // namespace gatehouse::cache
