// SharedCache: what all workers share of the cache: the store, the fetches under way, and which URLs turned out to be
// uncacheable. One for the process, made with the first configuration that has behaviors; outlives reloads. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cache/policy.hpp"
#include "gateway/cache/store.hpp"
#include "gateway/proxy/flight.hpp"
#include "gateway/proxy/pattern.hpp"

namespace gatehouse::proxy {

/// Keys whose last response could not be stored: their requests do not wait for each other. A fixed number of places,
/// where a newer key takes the older one's, and each is forgotten after a while.
class PassingKeys {
 public:
  PassingKeys() : places_(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}

  void add(const cache::Key& key, std::int64_t now_ms) noexcept { place(key).store(entry(key, now_ms), std::memory_order_relaxed); }
  /// A response for the key was stored.
  void remove(const cache::Key& key) noexcept {
    std::atomic<std::uint64_t>& at = place(key);
    if (at.load(std::memory_order_relaxed) != 0) at.store(0, std::memory_order_relaxed);
  }
  bool has(const cache::Key& key, std::int64_t now_ms) const noexcept {
    const std::uint64_t found = places_[key.a % size].load(std::memory_order_relaxed);
    if (((found ^ key.b) & ~time_mask) != 0 || found == 0) return false;
    return ((seconds(now_ms) - found) & time_mask) < lifetime_s;
  }

 private:
  static constexpr std::size_t size = 16 * 1024;
  static constexpr std::uint64_t lifetime_s = 120;
  static constexpr std::uint64_t time_mask = (1u << 20) - 1;  // the low bits of a place are a time, the others the key's

  static std::uint64_t seconds(std::int64_t ms) noexcept { return static_cast<std::uint64_t>(ms / 1000); }
  static std::uint64_t entry(const cache::Key& key, std::int64_t now_ms) noexcept {
    return (key.b & ~time_mask) | (seconds(now_ms) & time_mask);
  }
  std::atomic<std::uint64_t>& place(const cache::Key& key) noexcept { return places_[key.a % size]; }

  std::unique_ptr<std::atomic<std::uint64_t>[]> places_;
};

struct SharedCache {
  explicit SharedCache(const cache::StoreOptions& options) : store(options) {}
  cache::Store store;
  Flights flights;
  PassingKeys passing;
};

/// A cache policy of the configuration.
struct CompiledCachePolicy {
  cache::Policy policy;
  bool cache_status{true};
};

struct CompiledBehavior {
  Pattern path;
  const CompiledCachePolicy* policy{nullptr};
};

}  // namespace gatehouse::proxy
