#include "gateway/proxy/caching.hpp"

#include <algorithm>
#include <array>

#include "gateway/cache/invalidation.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/cache/tags.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/cache/vary.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/status.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/proxy/passage.hpp"
#include "gateway/proxy/patchwork.hpp"
#include "gateway/proxy/response_policy.hpp"

namespace gatehouse::proxy {
namespace {

std::int64_t wall_ms(const Passage& passage) noexcept {
  return static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000);
}

void invalidate_url(Passage& passage, std::string_view url) {
  Caching& caching = *passage.caching;
  each_key_of_url(caching.shared.store.secret(), passage.listener, url, [&](const cache::Key& key) {
    caching.shared.forget(key);
    if (caching.shared.disk) caching.outdated.push_back(key);
  });
}

cache::Origin origin_of(std::string_view key_origin) noexcept {
  const std::size_t colon = key_origin.find("://");
  return {key_origin.substr(0, colon), key_origin.substr(colon + 3)};
}

/// RFC 9111 4.4, RFC 9875 3: what an answer to an unsafe request makes invalid, before the client can know of it.
void invalidate_stored(Passage& passage, const http::Response& head) {
  Caching& caching = *passage.caching;
  if (!cache::invalidates(passage.x.request, head.status)) return;
  const std::string_view origin = key_origin(passage);
  invalidate_url(passage, caching.key_text);
  std::array<cache::SameOriginTarget, 2> others;
  const std::size_t count = cache::other_targets(passage.x.request, head, origin_of(origin), others);
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = std::string(origin) + others[i].path;
    if (others[i].has_query) text += "?" + others[i].query;
    invalidate_url(passage, text);
  }
  const cache::Groups groups = cache::invalidated_groups(head.fields);
  for (const std::string_view group : groups.all()) caching.outdated_groups.push_back(group_name(origin, group));
}

/// RFC 9110 9.3.3: the answer to a POST that is what a GET of the same target would get.
void store_on_the_way(Passage& passage, const http::Response& head) {
  Caching& caching = *passage.caching;
  if (!cache::post_answers_get(passage.x.request, head, origin_of(key_origin(passage)))) return;
  const std::int64_t now = wall_ms(passage);
  const cache::Storing storing = cache::judge(caching.policy.policy, passage.x.request, head, {now, now});
  if (!storing.may_store()) return;
  std::vector<cache::StoredField> fields;
  cache::fields_to_store(head, storing, fields);
  const bool counted = head.body.kind == http::BodyKind::counted;
  Tee tee;
  tee.body = cache::Body::make(counted ? std::optional(head.body.length) : std::nullopt);
  const std::string keyed = describe_key(passage, passage.x.scratch);
  const StoredUnder under{caching.shared, caching.key, caching.key_text, key_origin(passage), passage.x.request,
                          caching.shared.store.purges().epoch(), false, selectors_of(caching),
                          passage.listener.config->cache_tag_config.header_name, keyed};
  tee.object = make_stored(under, head, fields, storing.freshness, tee.body);
  caching.status.stored = tee.object && caching.shared.store.insert(tee.object);
  if (caching.status.stored) caching.tee = std::move(tee);
}

/// RFC 9111 4.3.5: a 200 to HEAD may show that what is stored for GET is outdated.
void outdate_stored(Passage& passage, const http::Response& head) {
  Caching& caching = *passage.caching;
  std::string scratch;
  const cache::Found found = caching.shared.store.find(caching.key, [&](const cache::Object& object) {
    const cache::Variant variant{object.vary_names(), object.selector(), {}};
    return cache::match(variant, passage.x.request.fields, scratch) == cache::VariantMatch::exact;
  });
  if (!found.object) return;
  http::Response stored;
  found.object->head_into(stored);
  if (cache::head_outdates(head, stored)) caching.shared.store.erase(*found.object);
}

/// aws-cloudfront 26.
std::string_view x_cache(const Passage& passage, const http::Response& head) noexcept {
  if (passage.page != nullptr || head.status >= 400) return "Error from cloudfront";
  switch (passage.caching->result) {
    case CacheResult::hit:
    case CacheResult::stale:
    case CacheResult::collapsed: return "Hit from cloudfront";
    case CacheResult::revalidated: return "RefreshHit from cloudfront";
    default: return "Miss from cloudfront";
  }
}

/// aws-cloudfront 12: Vary keeps what a client can make something of: the fields that reach the origin.
void reduce_vary(const CompiledBehavior& behavior, http::Response& head, exchange::Scratch& scratch) {
  if (!head.fields.has(http::FieldKind::vary)) return;
  const cdn::OriginRequestRules& rules = *behavior.origin_request;
  const auto kept = [&](std::string_view name) {
    if (http::equals_ignoring_case(name, "accept-encoding") || http::equals_ignoring_case(name, "cookie")) return true;
    return std::ranges::any_of(rules.key_headers.names, [&](const std::string& listed) { return http::equals_ignoring_case(name, listed); });
  };
  std::string_view out;
  for (const http::Field& field : head.fields.all()) {
    if (field.kind != http::FieldKind::vary || field.dropped) continue;
    for (http::ListItems items(field.value()); items.next();) {
      if (kept(items.item())) out = scratch.join(out, out.empty() ? "" : ", ", items.item());
    }
  }
  head.fields.drop(http::FieldKind::vary);
  if (!out.empty()) head.fields.add("vary", out);
}

void finish_as_cloudfront(Passage& passage, http::Response& head) {
  const CompiledBehavior& behavior = passage.caching->behavior;
  head.fields.add("x-cache", x_cache(passage, head));
  reduce_vary(behavior, head, passage.x.scratch);
  // Who is not sent cookies is not to set any.
  const cdn::OriginRequestRules& rules = *behavior.origin_request;
  const bool cookies = rules.key_cookies.selection != cache::Selection::none || rules.cookies.selection != cache::Selection::none;
  if (!cookies) head.fields.drop(http::FieldKind::set_cookie);
}

}  // namespace

Caching::Caching(const CompiledBehavior& behavior, SharedCache& shared, const http::Request& request) noexcept
    : behavior(behavior), policy(*behavior.policy), shared(shared), request(cache::classify(policy.policy, request)) {}

Caching::~Caching() = default;

std::string_view cache_result_name(CacheResult result) noexcept {
  switch (result) {
    case CacheResult::none: return {};
    case CacheResult::hit: return "hit";
    case CacheResult::stale: return "stale";
    case CacheResult::revalidated: return "revalidated";
    case CacheResult::miss: return "miss";
    case CacheResult::collapsed: return "collapsed";
    case CacheResult::bypass: return "bypass";
    case CacheResult::pass: return "pass";
    case CacheResult::purged: return "purged";
  }
  return {};
}

std::string tag_name(std::string_view tag) {
  std::string name(tag);
  for (char& c : name) c = http::lower(c);
  return name;
}

std::string group_name(std::string_view origin, std::string_view group) {
  std::string name("group ");
  name += origin;
  name += ' ';
  name += group;
  return name;
}

Selectors selectors_of(const Caching& caching) noexcept {
  if (caching.cloudfront()) return Selectors::none;
  return caching.encoding.keyed ? Selectors::all_but_encoding : Selectors::all;
}

bool is_for_its_request(cache::Unstorable why_not) noexcept {
  using enum cache::Unstorable;
  return why_not == method || why_not == request_no_store || why_not == authorization;
}

void see_response(Passage& passage, http::Response& head) {
  Caching& caching = *passage.caching;
  // Amazon: what changes something at the origin has no effect on what is stored.
  if (caching.request.unsafe && !caching.cloudfront()) invalidate_stored(passage, head);
  if (caching.request.may_store && passage.x.request.method == http::Method::post) store_on_the_way(passage, head);
  if (caching.request.head) outdate_stored(passage, head);
  caching.status.forward_status = head.status;
  if (caching.result == CacheResult::pass) {
    const std::int64_t now = wall_ms(passage);
    const cache::Storing storing = cache::judge(caching.policy.policy, passage.x.request, head, {now, now});
    // The next request may go the usual way again.
    if (storing.may_store()) caching.shared.passing.remove(caching.key);
    if (!storing.may_store()) {
      caching.status.detail = cache::text(storing.why_not);
      if (!is_for_its_request(storing.why_not)) caching.shared.passing.add(caching.key, now, caching.status.detail);
    }
  }
  finish_head(passage, head);
}

runtime::Task<> forget_outdated(Passage& passage) {
  const Caching& caching = *passage.caching;
  runtime::Worker& worker = passage.x.worker;
  for (const cache::Key& key : caching.outdated) co_await caching.shared.forget_on_disk(worker, key);
  for (const std::string& group : caching.outdated_groups) {
    co_await caching.shared.purge(worker, cache::PurgeKind::tag, group, cache::PurgeMode::hard);
  }
}

void finish_head(Passage& passage, http::Response& head) {
  const Caching& caching = *passage.caching;
  if (caching.policy.cache_status) {
    std::array<char, cache::cache_status_size> text;
    const std::string_view written = cache::write_cache_status(caching.status, text);
    head.fields.add("cache-status", passage.x.scratch.join(written));
  }
  if (caching.cloudfront()) finish_as_cloudfront(passage, head);
  if (passage.page != nullptr && head.status == 200) {
    head.status = passage.page->status;
    head.reason = http::status_reason(head.status);
  }
  apply_response_policy(passage, head);
}

}  // namespace gatehouse::proxy
