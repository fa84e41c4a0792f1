// A PURGE request: what is stored for its URL is gone when the answer comes. Only clients that the configuration names may.
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"

namespace gatehouse::proxy {

Task<Try<void>> Proxy::purge(Passage& passage) {
  Caching& caching = *passage.caching;
  if (!passage.snapshot.purge_from.contains(passage.client().ip())) {
    passage.x.account.reason = Errc::purge_refused;
    return Task<Try<void>>::now(Failure{exchange::fault_of(Errc::purge_refused)});
  }
  caching.result = CacheResult::purged;
  const auto now = static_cast<std::int64_t>(worker_.clock().wall_ns() / 1'000'000);
  caching.shared.store.purges().purge(cache::PurgeKind::url, caching.key_text, cache::PurgeMode::hard, now);
  passage.x.note(Decision::cache_looked_up, caching.key.a, static_cast<std::uint8_t>(caching.result));
  static const config::FixedResponse purged{200, "application/json", "{\"purged\":\"url\"}\n"};
  return reply_fixed(passage, purged);
}

}  // namespace gatehouse::proxy
