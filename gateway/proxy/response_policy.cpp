#include "gateway/proxy/response_policy.hpp"

#include "gateway/cdn/response_headers.hpp"
#include "gateway/http/date.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {
namespace {

cdn::Delivery::Cache cache_of(CacheResult result) noexcept {
  switch (result) {
    case CacheResult::hit:
    case CacheResult::stale:
    case CacheResult::collapsed: return cdn::Delivery::Cache::hit;
    case CacheResult::revalidated: return cdn::Delivery::Cache::refresh;
    default: return cdn::Delivery::Cache::miss;
  }
}

void add_times(const Passage& passage, cdn::Delivery& delivery) {
  const Exchange& x = passage.x;
  const exchange::Account& account = x.account;
  delivery.cache = cache_of(passage.caching->result);
  // Of a response from the cache the times were another exchange's.
  const bool asked = delivery.cache != cdn::Delivery::Cache::hit && account.origin_sent_ns != 0;
  if (asked && account.origin_head_ns >= account.origin_sent_ns) delivery.upstream_ns = account.origin_head_ns - account.origin_sent_ns;
  delivery.downstream_ns = x.worker.clock().steady_ns() - x.trail.began_ns();
  delivery.request_id = passage.request_id;
  delivery.draw = x.worker.random().next();
}

}  // namespace

void apply_response_policy(Passage& passage, http::Response& head) {
  const cdn::ResponseHeadersPolicy* const policy = passage.caching->behavior.response_headers;
  if (policy == nullptr) return;
  cdn::Delivery delivery;
  delivery.date = http::date_now(passage.x.worker.clock().wall_ns());
  if (policy->times()) add_times(passage, delivery);
  policy->apply(passage.x.request, head, delivery, passage.x.scratch);
}

}  // namespace gatehouse::proxy
