#include "gatehouse/filters/collections.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <unordered_map>

#include "core/ascii.hpp"

namespace gatehouse::filters {

namespace {

/// One at a time: the host may have threads, this library has no more of them than an atomic flag.
class Hold {
 public:
  explicit Hold(std::atomic_flag& flag) noexcept : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) flag_.wait(true, std::memory_order_relaxed);
  }
  ~Hold() {
    flag_.clear(std::memory_order_release);
    flag_.notify_one();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::atomic_flag& flag_;
};

struct Stored {
  std::string text;
  std::uint64_t ends_s{0};  // 0: with its collection
};

struct Collection {
  std::map<std::string, Stored, std::less<>> members;
  std::uint64_t created_s{0}, updated_s{0}, updates{0};
  std::uint64_t ends_s{0};
};

std::string name_of(const CollectionId& id) {
  std::string name(id.collection);
  name += '\0';
  return name += id.key;
}

void drop_expired(Collection& collection, std::uint64_t now_s) {
  std::erase_if(collection.members, [now_s](const auto& member) {
    return member.second.ends_s != 0 && member.second.ends_s <= now_s;
  });
}

void apply(Collection& collection, const CollectionChange& change, std::uint64_t now_s) {
  const auto member = collection.members.find(change.name);
  const bool found = member != collection.members.end();
  switch (change.kind) {
    case CollectionChange::Kind::remove:
      if (found) collection.members.erase(member);
      return;
    case CollectionChange::Kind::expire:
      if (found) member->second.ends_s = now_s + change.after_s;
      return;
    case CollectionChange::Kind::set: collection.members[change.name].text = change.text; return;
    case CollectionChange::Kind::add: {
      const std::int64_t before = found ? leading_integer(member->second.text) : 0;
      collection.members[change.name].text = std::to_string(std::max<std::int64_t>(0, before + change.added));
      return;
    }
  }
}

}  // namespace

struct MemoryCollections::Shard {
  mutable std::atomic_flag taken;
  std::unordered_map<std::string, Collection> collections;

  /// Makes room: what has ended goes, and if nothing had, the one that ends soonest.
  void shrink(std::uint64_t now_s) {
    if (std::erase_if(collections, [now_s](const auto& each) { return each.second.ends_s <= now_s; }) != 0) return;
    const auto soonest = std::min_element(collections.begin(), collections.end(), [](const auto& a, const auto& b) {
      return a.second.ends_s < b.second.ends_s;
    });
    if (soonest != collections.end()) collections.erase(soonest);
  }
};

MemoryCollections::MemoryCollections(std::size_t most)
    : most_of_shard_(std::max<std::size_t>(1, most / shard_count)), shards_(new Shard[shard_count]) {}
MemoryCollections::~MemoryCollections() = default;

MemoryCollections::Shard& MemoryCollections::shard_of(const std::string& name) const noexcept {
  return shards_[std::hash<std::string>()(name) % shard_count];
}

bool MemoryCollections::load(const CollectionId& id, std::uint64_t now_s, CollectionState& state) {
  const std::string name = name_of(id);
  Shard& shard = shard_of(name);
  const Hold hold(shard.taken);
  const auto found = shard.collections.find(name);
  if (found == shard.collections.end()) return false;
  Collection& collection = found->second;
  if (collection.ends_s <= now_s) {
    shard.collections.erase(found);
    return false;
  }
  drop_expired(collection, now_s);
  for (const auto& [member, stored] : collection.members) state.members.push_back({member, stored.text});
  state.created_s = collection.created_s;
  state.updated_s = collection.updated_s;
  state.updates = collection.updates;
  return true;
}

void MemoryCollections::store(const CollectionId& id, std::uint64_t now_s, std::uint32_t timeout_s,
                              std::span<const CollectionChange> changes) {
  const std::string name = name_of(id);
  Shard& shard = shard_of(name);
  const Hold hold(shard.taken);
  if (shard.collections.size() >= most_of_shard_ && !shard.collections.contains(name)) shard.shrink(now_s);
  Collection& collection = shard.collections[name];
  if (collection.ends_s <= now_s) collection = Collection();
  if (collection.updates == 0) collection.created_s = now_s;
  drop_expired(collection, now_s);
  for (const CollectionChange& change : changes) apply(collection, change, now_s);
  ++collection.updates;
  collection.updated_s = now_s;
  collection.ends_s = now_s + timeout_s;
}

std::size_t MemoryCollections::size() const {
  std::size_t size = 0;
  for (std::size_t i = 0; i < shard_count; ++i) {
    const Hold hold(shards_[i].taken);
    size += shards_[i].collections.size();
  }
  return size;
}

}  // namespace gatehouse::filters
