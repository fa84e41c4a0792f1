// Collections: variables that outlive a request, kept by a key such as the client's address (ModSecurity's ip, global,
// session, user and resource). An inspection reads a collection when rules open it and hands its changes back when it
// finishes; additions come as differences, so that requests at the same time do not lose each other's counts. The host
// offers a store through its Surroundings; MemoryCollections is one for a single process.
//
// Both functions are called from all threads that inspect.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::filters {

struct CollectionId {
  std::string_view collection;  // "ip", "global", ...
  std::string_view key;
};

/// One variable; names are lower-case.
struct CollectionMember {
  std::string name;
  std::string text;
};

/// What a collection held when it was opened.
struct CollectionState {
  std::vector<CollectionMember> members;
  std::uint64_t created_s{0};
  std::uint64_t updated_s{0};
  std::uint64_t updates{0};
};

struct CollectionChange {
  enum class Kind : std::uint8_t { set, add, remove, expire } kind{Kind::set};
  std::string name;
  std::string text;        // of set
  std::int64_t added{0};   // of add; what results is never below zero
  std::uint64_t after_s{0};  // of expire: the variable goes this long after now
};

class Collections {
 public:
  virtual ~Collections() = default;
  /// False when there is no such collection yet. Must leave out what has expired by now.
  virtual bool load(const CollectionId& id, std::uint64_t now_s, CollectionState& state) = 0;
  /// Applies the changes in order, making the collection when it is new. One without changes for `timeout_s` is dropped.
  virtual void store(const CollectionId& id, std::uint64_t now_s, std::uint32_t timeout_s,
                     std::span<const CollectionChange> changes) = 0;
};

/// Collections in memory, at most `most` of them: when there is no room, those that end soonest go.
class MemoryCollections final : public Collections {
 public:
  explicit MemoryCollections(std::size_t most = 100'000);
  ~MemoryCollections() override;
  bool load(const CollectionId& id, std::uint64_t now_s, CollectionState& state) override;
  void store(const CollectionId& id, std::uint64_t now_s, std::uint32_t timeout_s,
             std::span<const CollectionChange> changes) override;
  std::size_t size() const;

 private:
  struct Shard;
  static constexpr std::size_t shard_count = 16;
  Shard& shard_of(const std::string& name) const noexcept;

  std::size_t most_of_shard_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace gatehouse::filters
