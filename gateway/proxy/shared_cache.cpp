#include "gateway/proxy/shared_cache.hpp"

#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {
namespace {

// A purge is remembered for so long; what was not looked at for all that time and is older counts as purged.
constexpr std::int64_t purges_kept_ms = std::int64_t{7} * 24 * 3600 * 1000;

}  // namespace

runtime::Task<> SharedCache::purge(runtime::Worker& worker, cache::PurgeKind kind, std::string_view text, cache::PurgeMode mode) {
  const auto now_ms = static_cast<std::int64_t>(worker.clock().wall_ns() / 1'000'000);
  if (disk) {
    co_await disk->purge(worker, kind, text, mode, now_ms);
  } else {
    store.purges().purge(kind, text, mode, now_ms);
  }
}

void SharedCache::forget(const cache::Key& key) {
  store.erase_url(key);
  store.erase_url(part_key(key));
  flights.invalidate(key);
}

runtime::Task<> SharedCache::forget_on_disk(runtime::Worker& worker, const cache::Key& key) {
  if (disk) co_await disk->erase(worker, key);
}

void SharedCache::tidy(std::int64_t now_ms) {
  next_shard_ = (next_shard_ + 1) % store.shards();
  if (next_shard_ == 0) store.purges().drop_before(now_ms - purges_kept_ms);
  // What is stale can still be validated and makes room when room is needed; what was purged is of no use to anybody.
  store.sweep(next_shard_, [&](const cache::Object& object) { return store.purges().check(object) != cache::Purged::gone; });
}

}  // namespace gatehouse::proxy
