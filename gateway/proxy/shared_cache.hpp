// SharedCache: what all workers share of the cache: the store, the fetches under way, and which URLs turned out to be
// uncacheable. One for the process, made with the first configuration that has behaviors; outlives reloads. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gateway/cache/disk/disk_tier.hpp"
#include "gateway/cache/policy.hpp"
#include "gateway/cache/store.hpp"
#include "gateway/cdn/compression_room.hpp"
#include "gateway/cdn/methods.hpp"
#include "gateway/cdn/origin_request.hpp"
#include "gateway/cdn/response_headers.hpp"
#include "gateway/cdn/signed_request.hpp"
#include "gatehouse/config/model.hpp"
#include "gateway/proxy/flight.hpp"
#include "gateway/proxy/pattern.hpp"

namespace gatehouse::proxy {

/// Keys whose last response could not be stored: their requests do not wait for each other. A fixed number of places,
/// where a newer key takes the older one's, and each is forgotten after a while.
class PassingKeys {
 public:
  PassingKeys() : places_(std::make_unique<Place[]>(size)) {}

  /// `why_not` is static text that ends with a zero.
  void add(const cache::Key& key, std::int64_t now_ms, std::string_view why_not) noexcept {
    place(key).why_not.store(why_not.data(), std::memory_order_relaxed);
    place(key).entry.store(entry(key, now_ms), std::memory_order_relaxed);
  }
  /// A response for the key was stored.
  void remove(const cache::Key& key) noexcept {
    std::atomic<std::uint64_t>& at = place(key).entry;
    if (at.load(std::memory_order_relaxed) != 0) at.store(0, std::memory_order_relaxed);
  }
  bool has(const cache::Key& key, std::int64_t now_ms) const noexcept {
    const std::uint64_t found = places_[key.a % size].entry.load(std::memory_order_relaxed);
    if (((found ^ key.b) & ~time_mask) != 0 || found == 0) return false;
    return ((seconds(now_ms) - found) & time_mask) < lifetime_s;
  }

  /// Why the key's last response was not stored; for explaining.
  std::string_view why_not(const cache::Key& key) const noexcept {
    const char* const text = places_[key.a % size].why_not.load(std::memory_order_relaxed);
    return text == nullptr ? std::string_view() : std::string_view(text);
  }

 private:
  struct Place {
    std::atomic<std::uint64_t> entry{0};
    std::atomic<const char*> why_not{nullptr};
  };
  static constexpr std::size_t size = 16 * 1024;
  static constexpr std::uint64_t lifetime_s = 120;
  static constexpr std::uint64_t time_mask = (1u << 20) - 1;  // the low bits of a place are a time, the others the key's

  static std::uint64_t seconds(std::int64_t ms) noexcept { return static_cast<std::uint64_t>(ms / 1000); }
  static std::uint64_t entry(const cache::Key& key, std::int64_t now_ms) noexcept {
    return (key.b & ~time_mask) | (seconds(now_ms) & time_mask);
  }
  Place& place(const cache::Key& key) noexcept { return places_[key.a % size]; }

  std::unique_ptr<Place[]> places_;
};

struct SharedCache {
  explicit SharedCache(const cache::StoreOptions& options) : store(options) {}

  /// Purges in memory and on disk; when it answers, the purge holds, after a crash as well. On a worker.
  runtime::Task<> purge(runtime::Worker& worker, cache::PurgeKind kind, std::string_view text, cache::PurgeMode mode);
  /// Forgets all variants and parts of a URL in memory, and what is under way for it.
  void forget(const cache::Key& key);
  /// The same on disk, for good.
  runtime::Task<> forget_on_disk(runtime::Worker& worker, const cache::Key& key);
  /// Seals the disk tier. When no worker runs any more, and all still exist.
  void close() noexcept { disk.reset(); }

  /// Gives back what nobody can use any more, a shard at a time. To be called now and then, by one thread.
  void tidy(std::int64_t now_ms);

  cache::Store store;
  Flights flights;
  PassingKeys passing;
  cdn::CompressionRoom compression;
  std::unique_ptr<cache::DiskTier> disk;  // null: none

 private:
  std::size_t next_shard_{0};
};

/// A cache policy of the configuration.
struct CompiledCachePolicy {
  cache::Policy policy;
  bool cache_status{true};
};

struct CompiledGroup;

/// Where a behavior's requests go instead of where the rule says.
struct CompiledOrigin {
  const CompiledGroup* primary{nullptr};
  const CompiledGroup* secondary{nullptr};      // null: no failover
  std::vector<std::uint16_t> failover_codes;
};

struct CompiledBehavior {
  Pattern path;
  const CompiledCachePolicy* policy{nullptr};
  const cdn::OriginRequestRules* origin_request{nullptr};  // null: the origin gets what the client sent
  CompiledOrigin origin;                        // without a primary: the rule's
  config::ViewerProtocolPolicy viewer_protocol{config::ViewerProtocolPolicy::allow_all};
  cdn::Methods allowed_methods;
  const cdn::TrustedKeys* trusted{nullptr};     // a request needs a signature by one of them; null: it needs none
  bool compress{false};
  const cdn::ResponseHeadersPolicy* response_headers{nullptr};  // what responses get and lose; null: nothing
};

}  // namespace gatehouse::proxy
