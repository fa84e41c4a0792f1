#include "gateway/cache/store.hpp"

#include <algorithm>
#include <bit>

namespace gatehouse::cache {
namespace {

constexpr std::uint64_t share_min = 16u << 20;  // below that a shard's queues hold too few objects
constexpr std::uint64_t shards_most = 64;
constexpr std::uint64_t object_share = 4;  // one object may take this part of a shard's share

/// As many as there may be, while the largest object takes no more than half a shard's share.
std::uint64_t shards_for(const StoreOptions& options) noexcept {
  const std::uint64_t share = std::max(share_min, 2 * options.object_max);
  return std::bit_floor(std::clamp<std::uint64_t>(options.bytes_max / share, 1, shards_most));
}

std::uint32_t fingerprint_of(const Object& object) noexcept { return static_cast<std::uint32_t>(object.key().a); }

std::size_t bytes_of(const Object& object) noexcept {
  return object.held() + (object.body() ? object.body()->held() : 0);
}

}  // namespace

Store::Store(const StoreOptions& options) : options_(options), purges_(options.secret) {
  const std::uint64_t shards = shards_for(options);
  const std::uint64_t share = options.bytes_max / shards;
  object_max_ = options.object_max != 0 ? std::min(options.object_max, share) : share / object_share;
  for (std::uint64_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>(share));
}

Store::~Store() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) sweep(shard, [](const Object&) { return false; });
}

/// By its content, where that is known; while it grows, by its memory, of which up to a block may be empty yet. What lies
/// in pages takes no more than its head and their places.
bool Store::too_large(const Object& object, std::size_t bytes) const noexcept {
  if (bytes > options_.bytes_max / shards_.size()) return true;
  if (object.body() && object.body()->pages() != nullptr) return bytes > object_max_;
  const auto length = object.body() ? object.body()->length() : std::optional<std::uint64_t>(0);
  return length ? *length > object_max_ : bytes > object_max_ + Body::block_max;
}

bool Store::insert(const ObjectRef& object) {
  Shard& shard = shard_of(object->key());
  const std::size_t bytes = bytes_of(*object);
  Departed departed;
  const std::scoped_lock held(shard.lock);
  if (too_large(*object, bytes)) {
    ++shard.counts.refused;
    return false;
  }
  const std::uint32_t weight = S3Links::weight_of(bytes);
  if (Object* const old = make_way(shard, *object, departed)) {
    shard.fifo.replace(*old, *object, weight);
    shard.index.erase(*old);
    departed.push_back(ObjectRef::adopt(old));
  } else {
    shard.fifo.insert(*object, weight, fingerprint_of(*object));
  }
  shard.index.insert(*ObjectRef(object).leave());
  ++shard.counts.inserted;
  make_room(shard, object.get(), departed);
  return true;
}

/// The stored variant whose place the object takes, or null; then the oldest variant goes where there are too many.
Object* Store::make_way(Shard& shard, const Object& object, Departed& departed) {
  Object* same = nullptr;
  Object* oldest = nullptr;
  unsigned variants = 0;
  shard.index.find(object.key(), [&](Object& other) {
    ++variants;
    if (oldest == nullptr || other.freshness().response_ms < oldest->freshness().response_ms) oldest = &other;
    if (other.selector() != object.selector() || other.vary_names() != object.vary_names()) return false;
    same = &other;
    return true;
  });
  if (same == nullptr && variants >= options_.variants_max) take_out(shard, *oldest, departed);
  return same;
}

void Store::take_out(Shard& shard, Object& object, Departed& departed) {
  shard.index.erase(object);
  shard.fifo.remove(object);
  departed.push_back(ObjectRef::adopt(&object));
}

void Store::make_room(Shard& shard, const Object* spared, Departed& departed) {
  while (shard.bytes() > shard.bytes_max) {
    Object* const victim = shard.fifo.evict(fingerprint_of, spared);
    if (victim == nullptr) return;
    shard.index.erase(*victim);
    departed.push_back(ObjectRef::adopt(victim));
    ++shard.counts.evicted;
  }
}

Accounted Store::account(Object& object) {
  Shard& shard = shard_of(object.key());
  const std::size_t bytes = bytes_of(object);
  const std::uint32_t weight = S3Links::weight_of(bytes);
  Departed departed;
  const std::scoped_lock held(shard.lock);
  if (!object.queued()) return Accounted::gone;
  if (too_large(object, bytes)) {
    ++shard.counts.refused;
    take_out(shard, object, departed);
    return Accounted::too_large;
  }
  if (weight == object.weight()) return Accounted::stored;
  shard.fifo.reweigh(object, weight);
  make_room(shard, &object, departed);
  return Accounted::stored;
}

void Store::erase(Object& object) {
  Shard& shard = shard_of(object.key());
  Departed departed;
  const std::scoped_lock held(shard.lock);
  if (object.queued()) take_out(shard, object, departed);
}

std::size_t Store::erase_url(const Key& key) {
  Shard& shard = shard_of(key);
  Departed departed;
  const std::scoped_lock held(shard.lock);
  std::vector<Object*> all;
  shard.index.find(key, [&](Object& object) {
    all.push_back(&object);
    return false;
  });
  for (Object* object : all) take_out(shard, *object, departed);
  return all.size();
}

StoreStats Store::stats() const {
  StoreStats sum;
  for (const auto& shard : shards_) {
    const std::scoped_lock held(shard->lock);
    sum.objects += shard->index.size();
    sum.bytes += shard->bytes();
    sum.hits += shard->counts.hits;
    sum.misses += shard->counts.misses;
    sum.inserted += shard->counts.inserted;
    sum.evicted += shard->counts.evicted;
    sum.refused += shard->counts.refused;
  }
  return sum;
}

}  // namespace gatehouse::cache
