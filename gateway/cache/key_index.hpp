// KeyIndex: finds objects by key; open addressing with linear probing over eight bytes an entry: 48 bits of pointer, 16
// bits of hash, so that entries of other keys are passed by without touching their objects. Several objects may have
// one key. Entries stand in the order of their hash, which keeps runs short when objects go. It grows by a quarter, so
// that an object's share stays below 12 bytes. Does not own; guarded by its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/cache/object.hpp"

namespace gatehouse::cache {

class KeyIndex {
 public:
  /// Calls `each(Object&)` for the objects of a key until it returns true. Whether it did.
  template <class F>
  bool find(const Key& key, F&& each) const {
    if (entries_.empty()) return false;
    for (std::size_t at = home(key);; at = next(at)) {
      const std::uint64_t entry = entries_[at];
      if (entry == 0) return false;
      if (entry >> tag_shift != tag(key)) continue;
      Object& object = *object_of(entry);
      if (object.key() == key && each(object)) return true;
    }
  }
  /// Calls `each(Object&)` for all objects; none may be inserted or erased meanwhile.
  template <class F>
  void all(F&& each) const {
    for (const std::uint64_t entry : entries_) {
      if (entry != 0) each(*object_of(entry));
    }
  }

  void insert(Object& object);
  void erase(const Object& object) noexcept;
  bool has(const Object& object) const noexcept {
    return find(object.key(), [&](const Object& other) { return &other == &object; });
  }

  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return entries_.capacity() * sizeof(std::uint64_t); }

 private:
  static constexpr unsigned tag_shift = 48;
  static constexpr std::uint64_t pointer_mask = (std::uint64_t{1} << tag_shift) - 1;

  static Object* object_of(std::uint64_t entry) noexcept { return reinterpret_cast<Object*>(entry & pointer_mask); }
  static std::uint64_t tag(const Key& key) noexcept { return key.b >> tag_shift; }
  /// The upper half of a product spreads hashes over any number of entries, keeping their order.
  std::size_t home(const Key& key) const noexcept {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(key.a) * entries_.size()) >> 64);
  }
  std::size_t next(std::size_t at) const noexcept { return at + 1 == entries_.size() ? 0 : at + 1; }
  void put(Object& object) noexcept;
  void grow();

  std::vector<std::uint64_t> entries_;
  std::size_t size_{0};
};

}  // namespace gatehouse::cache
