// DiskFill: the content of a fetch for the cache that is too large for memory, on its way to disk while it arrives
// (cache/pages.hpp). Where its length was announced, its body is the one that all clients read. Content that nobody announced
// is found to be too much on the way: then what there is so far is copied, clients that read go on with what they have, and
// later ones get the copy. The disk's pace is the fetch's; when the disk fails, the clients get the content all the same.
// Owned by the fetch, on its worker.
#pragma once

#include <optional>

#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

class DiskFill {
 public:
  explicit DiskFill(SharedCache& shared) noexcept : disk_(shared.disk.get()), in_memory_max_(shared.store.object_max()) {}
  DiskFill(const DiskFill&) = delete;
  DiskFill& operator=(const DiskFill&) = delete;
  ~DiskFill() { withdraw(); }

  /// A body for content of that length if it belongs on disk; else empty.
  cache::BodyRef make_body(const cache::Key& key, std::optional<std::uint64_t> length);
  /// The object that has that body: from here on others find it.
  void begin(const cache::ObjectRef& object);
  /// Goes on with an object whose content has become too much for memory.
  runtime::Task<> take_over(const cache::Object& object, runtime::Worker& worker);
  bool under_way() const noexcept { return static_cast<bool>(object_); }

  /// Content behind what was taken over; nothing to do where the body is the clients' own. What turns out to be too much for
  /// the disk too is given up.
  void append(std::span<const char> bytes);
  /// Waits while too much waits for the disk.
  runtime::Task<> room(runtime::Worker& worker);
  void finish();
  void fail(exchange::Fault fault);

 private:
  void give_up();
  void withdraw() noexcept;

  cache::DiskTier* const disk_;  // null: none
  const std::uint64_t in_memory_max_;
  cache::ObjectRef object_;      // announced
  bool copied_{false};           // its body is not the clients'
  std::uint64_t bytes_{0};       // of it
};

}  // namespace gatehouse::proxy
