#include "gateway/proxy/cache_view.hpp"

#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {
namespace {

using cache::Freshness;
using cache::FreshnessFlag;

std::string state_of(const Freshness& freshness, cache::Purged purged, std::int64_t now_ms) {
  if (purged != cache::Purged::valid) return "purged";
  if (freshness.has(FreshnessFlag::no_cache)) return "always-validate";
  return freshness.fresh(now_ms) ? "fresh" : "stale";
}

std::string lifetime_of(const Freshness& freshness) {
  if (freshness.has(FreshnessFlag::policy_lifetime)) return "policy";
  if (freshness.has(FreshnessFlag::heuristic)) return "heuristic";
  return freshness.has(FreshnessFlag::explicit_lifetime) ? "explicit" : "none";
}

StoredView view_of(const cache::Object& object, cache::Purged purged, std::int64_t now_ms) {
  const Freshness& freshness = object.freshness();
  StoredView view;
  view.url = object.key_text();
  view.status = object.status();
  view.complete = object.body()->complete();
  view.length = object.body()->length().value_or(0);
  view.state = state_of(freshness, purged, now_ms);
  view.lifetime_from = lifetime_of(freshness);
  view.stored_at_ms = freshness.response_ms;
  view.age_s = freshness.age_s(now_ms);
  view.lifetime_s = freshness.lifetime_s;
  view.ttl_s = freshness.ttl_ms(now_ms) / 1000;
  view.stale_while_revalidate_s = freshness.stale_while_revalidate_s;
  view.stale_if_error_s = freshness.stale_if_error_s;
  view.must_revalidate = freshness.has(FreshnessFlag::must_revalidate);
  view.vary = object.vary_names();
  view.selector = object.selector();
  view.tags = object.tags().size();
  return view;
}

/// All variants of one key. The lookup's function sees each of them.
void add_objects(SharedCache& shared, const cache::Key& key, std::vector<cache::ObjectRef>& out) {
  shared.store.find(key, [&](const cache::Object& object) {
    out.emplace_back(const_cast<cache::Object*>(&object));
    return false;
  });
}

}  // namespace

std::optional<std::string> normalised_url(std::string_view text) {
  const http::Target target = http::parse_target(text, false);
  if (target.form != http::TargetForm::absolute) return std::nullopt;
  std::string out;
  for (const char c : target.scheme) out += http::lower(c);
  const std::uint16_t own_port = out == "https" ? 443 : 80;
  out += "://";
  const bool plain = http::port_of(target.authority) == own_port;
  for (const char c : plain ? http::host_without_port(target.authority) : target.authority) out += http::lower(c);
  out += target.path;
  if (target.has_query) out.append("?").append(target.query);
  return out;
}

std::optional<CacheExplanation> explain_url(const Snapshot& snapshot, std::string_view url, std::int64_t now_ms) {
  const auto normalised = normalised_url(url);
  if (snapshot.cache == nullptr || !normalised) return std::nullopt;
  SharedCache& shared = *snapshot.cache;
  CacheExplanation out;
  out.url = *normalised;
  for (const auto& listener : snapshot.listeners) {
    if (listener->behaviors.empty()) continue;
    const cache::Key key = key_of_url(shared.store.secret(), *listener, out.url);
    std::vector<cache::ObjectRef> objects;
    each_key_of_url(shared.store.secret(), *listener, out.url, [&](const cache::Key& one) {
      add_objects(shared, one, objects);
      add_objects(shared, part_key(one), objects);
    });
    for (const cache::ObjectRef& object : objects) {
      const cache::Purged purged = shared.store.purges().check(*object);
      if (purged == cache::Purged::gone) continue;
      out.objects.push_back(view_of(*object, purged, now_ms));
      out.objects.back().listener = listener->config->name;
    }
    if (shared.passing.has(key, now_ms)) out.why_not.push_back(listener->config->name + ": " + std::string(shared.passing.why_not(key)));
  }
  return out;
}

}  // namespace gatehouse::proxy
