#include "gateway/proxy/caching.hpp"

#include <array>

#include "gateway/cache/invalidation.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/cache/tags.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/cache/vary.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/make_stored.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {
namespace {

std::string_view scheme_of(const Passage& passage) noexcept {
  // Behind a proxy that ends TLS the client's scheme is what that proxy says: redirects to https depend on it.
  const http::Field* const given = passage.x.request.fields.first(http::FieldKind::x_forwarded_proto);
  if (passage.client_trusted && given != nullptr) return given->value() == "https" ? "https" : "http";
  return passage.x.connection->secure ? "https" : "http";
}

/// The authority in lower case, without the scheme's own port.
std::string_view authority_of(Passage& passage, std::string_view scheme) {
  std::string_view authority = passage.x.request.authority;
  const std::uint16_t port = http::port_of(authority);
  if (port == (scheme == "https" ? 443 : 80)) authority = http::host_without_port(authority);
  const std::span<char> room = passage.x.scratch.take(authority.size());
  for (std::size_t i = 0; i < authority.size(); ++i) room[i] = http::lower(authority[i]);
  return {room.data(), room.size()};
}

std::int64_t wall_ms(const Passage& passage) noexcept {
  return static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000);
}

void invalidate(Caching& caching, const cache::Key& key) {
  caching.shared.forget(key);
  if (caching.shared.disk) caching.outdated.push_back(key);
}

cache::Origin origin_of(std::string_view key_origin) noexcept {
  const std::size_t colon = key_origin.find("://");
  return {key_origin.substr(0, colon), key_origin.substr(colon + 3)};
}

/// RFC 9111 4.4, RFC 9875 3: what an answer to an unsafe request makes invalid, before the client can know of it.
void invalidate_stored(Passage& passage, const http::Response& head) {
  Caching& caching = *passage.caching;
  if (!cache::invalidates(passage.x.request, head.status)) return;
  invalidate(caching, caching.key);
  const std::string_view origin = key_origin(passage);
  std::array<cache::SameOriginTarget, 2> others;
  const std::size_t count = cache::other_targets(passage.x.request, head, origin_of(origin), others);
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = std::string(origin) + others[i].path;
    if (others[i].has_query) text += "?" + others[i].query;
    invalidate(caching, key_of(passage, text));
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
  const StoredUnder under{caching.shared, caching.key, caching.key_text, key_origin(passage), passage.x.request,
                          caching.shared.store.purges().epoch()};
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

}  // namespace

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

cache::Key key_of(const Passage& passage, std::string_view key_text) {
  return cache::make_key(passage.caching->shared.store.secret(), {passage.listener.config->name, key_text});
}

std::string_view key_origin(const Passage& passage) {
  const std::string_view text = passage.caching->key_text;
  return text.substr(0, text.find('/', text.find("://") + 3));
}

bool is_for_its_request(cache::Unstorable why_not) noexcept {
  using enum cache::Unstorable;
  return why_not == method || why_not == request_no_store || why_not == authorization;
}

void make_key(Passage& passage) {
  const http::Request& request = passage.x.request;
  const std::string_view scheme = scheme_of(passage);
  Caching& caching = *passage.caching;
  caching.key_text = passage.x.scratch.join(scheme, "://", authority_of(passage, scheme), request.path,
                                            request.has_query ? "?" : "", request.query);
  caching.key = key_of(passage, caching.key_text);
}

void see_response(Passage& passage, http::Response& head) {
  Caching& caching = *passage.caching;
  if (caching.request.unsafe) invalidate_stored(passage, head);
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
  add_cache_status(passage, head);
}

runtime::Task<> forget_outdated(Passage& passage) {
  const Caching& caching = *passage.caching;
  runtime::Worker& worker = passage.x.worker;
  for (const cache::Key& key : caching.outdated) co_await caching.shared.forget_on_disk(worker, key);
  for (const std::string& group : caching.outdated_groups) {
    co_await caching.shared.purge(worker, cache::PurgeKind::tag, group, cache::PurgeMode::hard);
  }
}

void add_cache_status(Passage& passage, http::Response& head) {
  if (!passage.caching->policy.cache_status) return;
  std::array<char, cache::cache_status_size> text;
  const std::string_view written = cache::write_cache_status(passage.caching->status, text);
  head.fields.add("cache-status", passage.x.scratch.join(written));
}

}  // namespace gatehouse::proxy
