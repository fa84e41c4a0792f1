// Step 4, look up: a request whose path fits a behavior is answered from the cache where that is allowed. What is fresh
// goes out at once. For the rest there is one fetch under way for each thing that is asked for (flight.hpp): whoever
// comes first begins it, everybody waits for its head, and all read the content as it arrives. A stale response is used
// while it is fetched anew, or when that fails, as far as the response and the policy allow (RFC 9111 4.2.4, RFC 5861).
#include <utility>

#include "gateway/cache/vary.hpp"
#include "gateway/cdn/origin_request.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/fill.hpp"
#include "gateway/proxy/patchwork.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {

using cache::Found;
using cache::Freshness;
using cache::Object;
using std::chrono::milliseconds;

namespace {

/// How often a request may find that what it waited for was not for it; then it asks on its own.
constexpr unsigned rounds_max = 4;

std::int64_t now_ms(const Passage& passage) noexcept {
  return static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000);
}

std::string& scratch() {
  thread_local std::string text;
  return text;
}

/// The response's Content-Language, when it has one.
std::string_view language_of(const Object& object, http::Response& head) {
  object.head_into(head);
  const http::Field* const field = head.fields.find("content-language");
  return field == nullptr ? std::string_view() : field->value();
}

/// Whether content that lies on disk has lost some of it since its head was found.
bool lost_pages(const Object& object) noexcept {
  const cache::Pages* const pages = object.body()->pages();
  return pages != nullptr && !pages->file().whole();
}

/// Whether content is not all in memory, and so may turn out to be gone.
bool may_be_lost(const Found& found) noexcept { return found.object && !found.object->body()->in_memory(); }

/// Whether nothing was sent because the content is gone.
bool lost_before_it_began(const Passage& passage, const Try<void>& done) noexcept {
  return !done && done.error().what == Errc::stored_lost && !passage.x.reply_started();
}

bool names_language(const Found& found) noexcept {
  return found.sibling && found.sibling->vary_names().find("accept-language") != std::string_view::npos;
}

/// What of the URL's responses answers this request: the variant for its very fields, else the one in the language that the
/// client likes best.
Found find(const Passage& passage) {
  const Caching& caching = *passage.caching;
  const http::FieldList& fields = passage.x.request.fields;
  const auto matches = [&fields](const Object& object) {
    if (object.vary_names().empty()) return true;
    const cache::Variant variant{object.vary_names(), object.selector(), {}};
    return cache::match(variant, fields, scratch()) == cache::VariantMatch::exact;
  };
  Found found = caching.shared.store.find(caching.key, matches);
  if (found.object && lost_pages(*found.object)) {
    caching.shared.store.erase(*found.object);
    found.object = {};
  }
  if (!found.object && caching.shared.disk) {
    found.object = caching.shared.disk->under_way(caching.key, matches);
    if (found.object) found.purged = caching.shared.store.purges().check(*found.object);
  }
  if (found.object || !names_language(found)) return found;
  http::Response head;
  return caching.shared.store.find(caching.key, [&](const Object& object) {
    const cache::Variant variant{object.vary_names(), object.selector(), language_of(object, head)};
    return cache::match(variant, fields, scratch()) != cache::VariantMatch::none;
  });
}

bool usable_now(const Caching& caching, const Found& found, std::int64_t now) noexcept {
  return found.object && found.purged == cache::Purged::valid && cache::usable(caching.request, found.object->freshness(), now);
}

/// RFC 9211 2.2.
cache::Forward why_forward(const Caching& caching, const Found& found) noexcept {
  if (found.object) return caching.request.must_validate ? cache::Forward::request : cache::Forward::stale;
  const bool other_variants = found.sibling && !found.sibling->vary_names().empty();
  return other_variants ? cache::Forward::vary_miss : cache::Forward::uri_miss;
}

/// Whether what landed is for this request too.
bool is_for(const Passage& passage, const Object& object) {
  if (object.vary_names().empty()) return true;
  const cache::Variant variant{object.vary_names(), object.selector(), {}};
  return cache::match(variant, passage.x.request.fields, scratch()) == cache::VariantMatch::exact;
}

/// Makes the exchange's own request what the origin of its behavior is to get.
void shape(Passage& passage) {
  const Caching& caching = *passage.caching;
  http::Request& request = passage.x.request;
  if (caching.behavior.origin_request != nullptr) {
    const bool storable = caching.request.bypass == cache::Bypass::none;
    const cdn::Viewer viewer = viewer_of(passage);
    cdn::shape_origin_request({*caching.behavior.origin_request, caching.encoding, storable, viewer}, request, passage.x.scratch);
  } else if (caching.encoding.keyed) {
    cdn::shape_accept_encoding(caching.encoding, request);
  }
}

/// A fetch may have landed after the caller looked and before it joined: then what it stored is what this flight brings.
bool landed_meanwhile(Passage& passage, Flight& flight) {
  Caching& caching = *passage.caching;
  const Found found = find(passage);
  if (!usable_now(caching, found, now_ms(passage))) return false;
  Landing landing;
  landing.kind = Landing::Kind::stored;
  landing.object = found.object;
  caching.shared.flights.remove(flight);
  flight.land(std::move(landing));
  return true;
}

}  // namespace

Task<Try<void>> Proxy::look_up(Passage& passage, const CompiledAction& action) {
  const std::string& root_object = passage.listener.config->default_root_object;
  if (!root_object.empty() && passage.x.request.path == "/") {
    passage.asked_path = passage.x.request.path;
    passage.x.request.path = passage.x.scratch.join("/", root_object);
  }
  const CompiledBehavior* const behavior = behavior_for(passage.listener, passage.x.request.path);
  if (behavior == nullptr) return fetch(passage, action);
  Caching& caching = passage.caching.emplace(*behavior, *passage.snapshot.cache, passage.x.request);
  if (passage.page == nullptr) {
    const Try<void> admitted = admit(passage, *behavior);
    if (!admitted) return Task<Try<void>>::now(admitted);
    if (is_sent_to_https(passage, *behavior)) return redirect_to_https(passage);
  }
  make_key(passage);
  if (passage.x.request.method_text == "PURGE") return purge(passage);
  if (caching.request.bypass != cache::Bypass::none) {
    const bool method = caching.request.bypass == cache::Bypass::method;
    caching.status.forward = method ? cache::Forward::method : cache::Forward::bypass;
    caching.status.detail = method ? std::string_view() : cache::text(caching.request.bypass);
    return go_past(passage, action, CacheResult::bypass);
  }
  Found found = find(passage);
  if (!found.object && caching.shared.disk) return look_on_disk(passage, action, std::move(found));
  return may_be_lost(found) ? answer_from_outside(passage, action, std::move(found)) : answer_from(passage, action, std::move(found));
}

/// What memory does not have may be on disk.
Task<Try<void>> Proxy::look_on_disk(Passage& passage, const CompiledAction& action, Found found) {
  Caching& caching = *passage.caching;
  found.object = co_await caching.shared.disk->find(worker_, caching.key, [&passage](const Object& object) { return is_for(passage, object); });
  if (found.object) {
    found.purged = caching.shared.store.purges().check(*found.object);
    caching.shared.store.insert(found.object);
  }
  if (may_be_lost(found)) co_return co_await answer_from_outside(passage, action, std::move(found));
  co_return co_await answer_from(passage, action, std::move(found));
}

/// Content that is read from disk as it goes out may turn out to be gone, and so may content that is still arriving and
/// becomes too much to keep. Before its first byte that is as if it had not been there.
Task<Try<void>> Proxy::answer_from_outside(Passage& passage, const CompiledAction& action, Found found) {
  const cache::ObjectRef object = found.object;
  const Try<void> done = co_await answer_from(passage, action, std::move(found));
  if (!lost_before_it_began(passage, done)) co_return done;
  passage.caching->shared.store.erase(*object);
  passage.caching->status = {};
  Found nothing;
  co_return co_await answer_from(passage, action, std::move(nothing));
}

Task<Try<void>> Proxy::answer_from(Passage& passage, const CompiledAction& action, Found found) {
  Caching& caching = *passage.caching;
  const std::int64_t now = now_ms(passage);
  if (usable_now(caching, found, now)) return deliver_hit(passage, std::move(found.object), CacheResult::hit);
  if (!found.object && caching.request.has_range) {
    if (cache::ObjectRef part = find_part(passage, now)) return deliver_part(passage, std::move(part));
    caching.patches = Patchwork::find(passage, now);
    if (caching.patches && caching.patches->complete()) return deliver_patched(passage);
  }
  if (caching.request.only_if_cached) return Task<Try<void>>::now(Failure{exchange::fault_of(Errc::not_in_cache)});
  if (caching.request.head) {  // its response has no content to store
    caching.status.forward = why_forward(caching, found);
    return ask_head(passage, action, std::move(found));
  }
  if (found.object && !caching.request.must_validate && cache::stale_while_revalidate(found.object->freshness(), now)) {
    steer(passage, action);
    begin_flight(passage, found.object);
    return deliver_hit(passage, std::move(found.object), CacheResult::stale);
  }
  return wait_for_fetch(passage, action, std::move(found));
}

/// A HEAD that the cache has nothing fresh for: the origin is asked, and when it fails something stale may stand in.
Task<Try<void>> Proxy::ask_head(Passage& passage, const CompiledAction& action, Found found) {
  const Try<void> done = co_await go_past(passage, action, CacheResult::bypass);
  if (done || passage.x.reply_started() || !found.object || done.error().side != Side::origin) co_return done;
  if (!cache::stale_in_trouble(found.object->freshness(), now_ms(passage), cache::Trouble::unreachable)) co_return done;
  co_return co_await deliver_hit(passage, std::move(found.object), CacheResult::stale);
}

/// The rest of the way, with whatever origin there is.
Task<Try<void>> Proxy::fetch(Passage& passage, const CompiledAction& action) {
  steer(passage, action);                                        // 5 steer
  return forward(passage);                                       // 6 pick and lease, 7 relay
}

Task<Try<void>> Proxy::go_past(Passage& passage, const CompiledAction& action, CacheResult result) {
  Caching& caching = *passage.caching;
  caching.result = result;
  passage.x.note(Decision::cache_looked_up, caching.key.a, static_cast<std::uint8_t>(result));
  if (!std::exchange(caching.shaped, true)) shape(passage);
  return fetch(passage, action);
}

/// Joins the fetch for what this request wants, or begins it.
Flights::Joined Proxy::begin_flight(Passage& passage, const cache::ObjectRef& stored, const Object* sibling, bool alone) {
  Caching& caching = *passage.caching;
  Flights::Joined joined;
  if (alone) {
    joined = {FlightRef(new Flight(caching.key, {}, {})), true};
  } else {
    const std::string_view names = stored ? stored->vary_names() : sibling != nullptr ? sibling->vary_names() : std::string_view();
    std::string& selector = scratch();
    cache::selector(names, passage.x.request.fields, selector);
    joined = caching.shared.flights.join(caching.key, names, selector);
    if (joined.leads && landed_meanwhile(passage, *joined.flight)) joined.leads = false;
  }
  if (joined.leads) {
    const bool own_terms = !stored && (caching.request.has_range || caching.request.conditional);
    worker_.spawn("fill", fill(std::make_unique<FillExchange>(passage, joined.flight, stored, own_terms)));
  }
  return joined;
}

/// Carries out one fetch for the cache: the spine's last steps, with the cache for a client.
Task<> Proxy::fill(std::unique_ptr<FillExchange> x) {
  Passage passage(*x, *x->pinned.operator->(), x->listener);
  passage.route = x->route;
  passage.group = x->group;
  passage.origin = x->origin;
  passage.region = x->region;
  passage.request_id = x->request_id;
  passage.client_text = x->client_text;
  passage.client_trusted = x->client_trusted;
  x->passage = &passage;
  x->end(passage, co_await forward(passage));
}

/// Waits for the fetch of what this request wants, round by round: what others fetched need not be for it.
Task<Try<void>> Proxy::wait_for_fetch(Passage& passage, const CompiledAction& action, Found found) {
  Caching& caching = *passage.caching;
  steer(passage, action);
  // Parts and conditions without something stored are asked of the origin as they are, and nobody shares the answer.
  bool alone = !caching.request.collapsible || (!found.object && (caching.request.has_range || caching.request.conditional));
  for (unsigned round = 0; round < rounds_max; ++round) {
    caching.status.forward = why_forward(caching, found);
    if (!found.object && caching.shared.passing.has(caching.key, now_ms(passage))) {
      co_return co_await go_past(passage, action, CacheResult::pass);
    }
    const Flights::Joined joined = begin_flight(passage, found.object, found.sibling.get(), alone);
    const Waited waited = co_await wait_for_landing(passage, *joined.flight, found.object);
    if (!waited.outcome) co_return waited.outcome;
    const Landing& landing = joined.flight->landing();
    if (waited.late) co_return co_await deliver_hit(passage, std::move(found.object), CacheResult::stale);
    if (landing.kind == Landing::Kind::trouble) {
      if (found.object && cache::stale_in_trouble(found.object->freshness(), now_ms(passage), landing.trouble)) {
        caching.status.forward_status = landing.origin_status;
        co_return co_await deliver_hit(passage, std::move(found.object), CacheResult::stale);
      }
      if (landing.trouble == cache::Trouble::unreachable) co_return Failure{landing.fault};
    }
    if (joined.leads) take_account(passage, landing);
    const bool mine = landing.object && (joined.leads || (landing.kind == Landing::Kind::stored && is_for(passage, *landing.object)));
    if (mine && caching.patches) co_return co_await deliver_filled(passage, action, *joined.flight);
    if (mine) {
      const Try<void> done = co_await deliver_landed(passage, *joined.flight, joined.leads);
      if (!lost_before_it_began(passage, done)) co_return done;
      caching.status = {};
      break;
    }
    found = landing.kind == Landing::Kind::again ? Found{} : find(passage);
    alone = alone || round + 2 == rounds_max;
    if (usable_now(caching, found, now_ms(passage))) {
      co_return co_await deliver_hit(passage, std::move(found.object), CacheResult::collapsed);
    }
  }
  co_return co_await go_past(passage, action, CacheResult::pass);
}

/// Until the flight has landed; interim heads go on to the client meanwhile. Late: there is something stale that may be sent
/// rather than wait longer.
Task<Proxy::Waited> Proxy::wait_for_landing(Passage& passage, Flight& flight, const cache::ObjectRef& stale) {
  milliseconds limit{0};
  const cache::Policy& policy = passage.caching->policy.policy;
  if (stale && cache::stale_in_trouble(stale->freshness(), now_ms(passage), cache::Trouble::unreachable)) limit = policy.stale_deadline;
  std::size_t seen = 0;
  for (;;) {
    const Flight::News news = co_await flight.wait(passage.x, seen, limit);
    if (news == Flight::News::client_gone) co_return Waited{Failure{exchange::fault_of(Errc::client_reset)}, false};
    if (news == Flight::News::landed) co_return Waited{};
    if (news == Flight::News::time_is_up) co_return Waited{{}, true};
    const cache::ObjectRef head = flight.interim_head(seen++);
    if (!head) continue;
    head->head_into(passage.x.own_reply);
    const Try<void> sent = co_await passage.x.send_interim(passage.x.own_reply);
    if (!sent) co_return Waited{sent, false};
  }
}

/// The exchange that began a fetch accounts for it as its own.
void Proxy::take_account(Passage& passage, const Landing& landing) {
  passage.endpoint = landing.endpoint;
  passage.x.account.origin_sent_ns = landing.sent_ns;
  passage.x.account.origin_head_ns = landing.head_ns;
  passage.x.account.retries = static_cast<std::uint16_t>(passage.x.account.retries + landing.retries);
}

}  // namespace gatehouse::proxy
