// A PURGE request: what is stored for its URL is gone when the answer comes. Only clients that the configuration names may.
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"

namespace gatehouse::proxy {

Task<Try<void>> Proxy::purge(Passage& passage) {
  const Caching& caching = *passage.caching;
  if (!passage.snapshot.purge_from.contains(passage.client().ip())) {
    passage.x.account.reason = Errc::purge_refused;
    co_return Failure{exchange::fault_of(Errc::purge_refused)};
  }
  passage.caching->result = CacheResult::purged;
  co_await caching.shared.purge(worker_, cache::PurgeKind::url, caching.key_text, cache::PurgeMode::hard);
  passage.x.note(Decision::cache_looked_up, caching.key.a, static_cast<std::uint8_t>(caching.result));
  static const config::FixedResponse purged{200, "application/json", "{\"purged\":\"url\"}\n"};
  co_return co_await reply_fixed(passage, purged);
}

}  // namespace gatehouse::proxy
