// Store: the memory tier of the cache. One for the process; any thread. Keys are spread over shards, each with a lock,
// an index (open addressing, variants of one URL are several entries of one key) and S3-FIFO queues, and each with its
// share of the budget, which counts all memory by the allocator's sizes: objects, bodies, index, ghost.
//
//   Found found = store.find(key, [&](const Object& o) { return o.selector() == selector; });
//   if (found.object && found.purged == Purged::valid) ...   // hold found.object while its bytes are in use
//
// A miss: Object::make(), insert(), then Body::append() and account() by turns, then Body::finish() and account() once
// more, since what was taken too much is given back. account() answers whether it is still stored: what has grown too
// large is not. An object can be found while it fills; one whose content failed is to be erased by who filled it. Of an
// object whose content lies in pages only the head is here.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/cache/key_index.hpp"
#include "gateway/cache/object.hpp"
#include "gateway/cache/purge_table.hpp"
#include "gateway/cache/s3fifo.hpp"

namespace gatehouse::cache {

struct StoreOptions {
  std::uint64_t bytes_max{256u << 20};
  unsigned variants_max{32};      // of one URL; the oldest goes
  std::uint64_t object_max{0};    // of content; larger ones are refused, and those of more than a shard's share; 0: a quarter of a shard's share
  Secret secret{};
};

/// What has become of an object whose body has grown.
enum class Accounted : std::uint8_t {
  stored,
  too_large,  // it was taken out for that
  gone,       // it had been evicted, replaced or erased
};

/// What a lookup came to.
struct Found {
  ObjectRef object;   // the first variant that matches and is not gone
  Purged purged{Purged::valid};  // of the object: valid or soft
  ObjectRef sibling;  // the newest variant of the URL, purged and stale ones included: its vary_names() are the URL's
};

struct StoreStats {
  std::uint64_t objects{0};
  std::uint64_t bytes{0};      // all memory, by the allocator's sizes
  std::uint64_t hits{0};       // lookups that found an object
  std::uint64_t misses{0};
  std::uint64_t inserted{0};
  std::uint64_t evicted{0};    // for want of room
  std::uint64_t refused{0};    // too large
};

namespace detail {

/// A part of the store with its own lock. Keys belong to one by their hash.
struct Shard {
  explicit Shard(std::uint64_t share) noexcept
      : bytes_max(share), fifo(share / S3Links::weight_unit) {}

  mutable std::mutex lock;  // guards all that follows
  const std::uint64_t bytes_max;
  KeyIndex index;  // owns a reference to each object
  S3Fifo<Object> fifo;
  StoreStats counts;

  std::uint64_t bytes() const noexcept {
    return fifo.weight() * S3Links::weight_unit + index.bytes() + fifo.ghost_bytes();
  }
};

}  // namespace detail

class Store {
 public:
  explicit Store(const StoreOptions& options);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  const Secret& secret() const noexcept { return options_.secret; }
  PurgeTable& purges() noexcept { return purges_; }
  std::uint64_t object_max() const noexcept { return object_max_; }

  /// The first variant of the URL for which `match(const Object&)` holds and that was not purged. `match` runs under
  /// the shard's lock: it compares and nothing else. What is found counts as used.
  template <class F>
  Found find(const Key& key, F&& match);

  /// Takes the object in, in place of the variant with the same vary names and selector. False when it is too large.
  bool insert(const ObjectRef& object);
  /// Counts what the object's body has grown by.
  Accounted account(Object& object);
  /// Takes this very object out, if it is stored.
  void erase(Object& object);
  /// Takes all variants of a URL out; how many they were.
  std::size_t erase_url(const Key& key);

  /// Looks at every object of a shard under its lock, to explain or to sweep: those for which `keep(const Object&)` does
  /// not hold go. How many went. Shards are 0 .. shards() - 1.
  template <class F>
  std::size_t sweep(std::size_t shard, F&& keep);
  std::size_t shards() const noexcept { return shards_.size(); }

  StoreStats stats() const;

 private:
  using Shard = detail::Shard;
  using Departed = std::vector<ObjectRef>;  // released after the lock: freeing content takes time

  Shard& shard_of(const Key& key) noexcept { return *shards_[key.b & (shards_.size() - 1)]; }
  bool too_large(const Object& object, std::size_t bytes) const noexcept;
  Object* make_way(Shard& shard, const Object& object, Departed& departed);
  static void take_out(Shard& shard, Object& object, Departed& departed);
  static void make_room(Shard& shard, const Object* spared, Departed& departed);

  StoreOptions options_;
  std::uint64_t object_max_;
  PurgeTable purges_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

template <class F>
Found Store::find(const Key& key, F&& match) {
  Found found;
  Shard& shard = shard_of(key);
  const std::scoped_lock held(shard.lock);
  const bool hit = shard.index.find(key, [&](Object& object) {
    if (!found.sibling || found.sibling->freshness().response_ms < object.freshness().response_ms) {
      found.sibling = ObjectRef(&object);
    }
    const Purged purged = purges_.check(object);
    if (purged == Purged::gone || !match(std::as_const(object))) return false;
    found.object = ObjectRef(&object);
    found.purged = purged;
    object.use();
    return true;
  });
  ++(hit ? shard.counts.hits : shard.counts.misses);
  return found;
}

template <class F>
std::size_t Store::sweep(std::size_t shard_number, F&& keep) {
  Shard& shard = *shards_[shard_number];
  Departed departed;
  std::vector<Object*> leaving;
  {
    const std::scoped_lock held(shard.lock);
    shard.index.all([&](Object& object) {
      if (!keep(std::as_const(object))) leaving.push_back(&object);
    });
    for (Object* object : leaving) take_out(shard, *object, departed);
  }
  return departed.size();
}

}  // namespace gatehouse::cache
