// Step 4, look up: a stored response on its way to the client. Its own conditions and ranges are answered from what is
// stored (RFC 9110 13, 14); content goes out from where it lies.
#include <array>

#include "gateway/cache/partial.hpp"
#include "gateway/cache/stored_fields.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/http/status.hpp"
#include "gateway/proxy/error_page.hpp"
#include "gateway/proxy/fill.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/stored_fetch.hpp"
#include "gateway/proxy/stored_part.hpp"
#include "gateway/proxy/transfer.hpp"

namespace gatehouse::proxy {

using exchange::Piece;

namespace {

constexpr http::ByteRange whole{0, cache::Reader::to_the_end};
constexpr http::ByteRange nothing{0, 0};

/// Makes the head what the client's conditions and range ask for; what of the content is to be sent.
http::ByteRange answer_conditions(Passage& passage, const cache::Object& object, http::Response& head) {
  Exchange& x = passage.x;
  const cache::Evaluated evaluated = cache::evaluate(x.request, head, object.freshness().response_ms);
  if (evaluated.outcome == cache::Precondition::not_modified) {
    cache::make_not_modified(head);
    return nothing;
  }
  if (evaluated.outcome == cache::Precondition::failed) {
    head.status = 412;
    head.reason = http::status_reason(412);
    head.body = {http::BodyKind::counted, 0};
    return nothing;
  }
  if (!evaluated.use_range || head.status != 200 || head.body.kind != http::BodyKind::counted) return whole;
  // Parts of what was compressed here have no strong validator to be joined by (RFC 9110 13.1.5), so there are none.
  if (object.freshness().has(cache::FreshnessFlag::compressed)) return whole;
  const std::uint64_t length = head.body.length;
  const cache::Cut cut = cache::cut(x.request, length);
  const std::span<char> room = x.scratch.take(http::content_range_size);
  const std::span<char, http::content_range_size> text(room.data(), http::content_range_size);
  if (cut.answer == cache::RangeAnswer::unsatisfiable) {
    head.fields.add("content-range", cache::make_unsatisfiable(head, length, text));
    head.reason = http::status_reason(416);
    return nothing;
  }
  if (cut.answer != cache::RangeAnswer::one_part) return whole;
  const http::ByteRange range = cut.ranges.ranges[0];
  head.fields.add("content-range", cache::make_partial(head, {range, length}, text));
  head.reason = http::status_reason(206);
  return range;
}

bool has_no_content(const Passage& passage) noexcept {
  return passage.x.request.method == http::Method::head || http::status_forbids_content(passage.x.own_reply.status);
}

/// What a response from the cache says of its age (RFC 9111 5.1) and of how it came about.
void add_age_and_status(Passage& passage, http::Response& head) {
  const cache::Freshness& freshness = passage.stored->freshness();
  cache::CacheStatus& status = passage.caching->status;
  const auto now = static_cast<std::int64_t>(passage.x.worker.clock().wall_ns() / 1'000'000);
  const std::span<char> room = passage.x.scratch.take(cache::age_text_size);
  head.fields.add("age", cache::age_text(freshness, now, room.first<cache::age_text_size>()));
  status.has_ttl = true;
  status.ttl_s = freshness.ttl_ms(now) / 1000;
  finish_head(passage, head);
}

void note(Passage& passage, CacheResult result) noexcept {
  passage.caching->result = result;
  passage.x.note(Decision::cache_looked_up, passage.caching->key.a, static_cast<std::uint8_t>(result));
}

}  // namespace

Task<Try<void>> Proxy::deliver_hit(Passage& passage, cache::ObjectRef object, CacheResult result) {
  Caching& caching = *passage.caching;
  Exchange& x = passage.x;
  note(passage, result);
  http::Response& head = x.own_reply;
  passage.stored = std::move(object);
  passage.stored->head_into(head);
  if (is_replaced(passage, head.status)) return Task<Try<void>>::now(Failure{not_for_the_client(Errc::replaced_by_page, head.status)});
  if (result == CacheResult::hit) caching.status.forward = cache::Forward::none;
  caching.status.collapsed = result == CacheResult::collapsed;
  add_age_and_status(passage, head);
  return send_stored(passage, answer_conditions(passage, *passage.stored, head));
}

/// A part that holds what the client wants of the whole.
Task<Try<void>> Proxy::deliver_part(Passage& passage, cache::ObjectRef part) {
  note(passage, CacheResult::hit);
  http::Response& head = passage.x.own_reply;
  passage.stored = std::move(part);
  passage.stored->head_into(head);
  add_age_and_status(passage, head);
  return send_stored(passage, cut_part(passage, *passage.stored, head));
}

/// What a flight brought, to the one that began it or to one that waited for it.
Task<Try<void>> Proxy::deliver_landed(Passage& passage, Flight& flight, bool leads) {
  const Landing& landing = flight.landing();
  Caching& caching = *passage.caching;
  caching.status.forward_status = landing.origin_status;
  caching.status.stored = landing.kind == Landing::Kind::stored;
  caching.status.detail = landing.detail;
  if (landing.validated) return deliver_hit(passage, landing.object, CacheResult::revalidated);
  if (!leads) return deliver_hit(passage, landing.object, CacheResult::collapsed);
  note(passage, landing.kind == Landing::Kind::stored ? CacheResult::miss : CacheResult::pass);
  http::Response& head = passage.x.own_reply;
  const bool stored = landing.kind == Landing::Kind::stored;
  passage.stored = landing.whole ? landing.whole : landing.object;
  passage.stored->head_into(head);
  if (is_replaced(passage, head.status)) return Task<Try<void>>::now(Failure{not_for_the_client(Errc::replaced_by_page, head.status)});
  // What is passed on as it came still has its Age among its fields.
  if (stored && !landing.whole && !landing.age.empty()) head.fields.add("age", landing.age);
  if (stored) {
    caching.status.has_ttl = true;
    caching.status.ttl_s = landing.object->freshness().ttl_ms(landing.object->freshness().response_ms) / 1000;
  }
  finish_head(passage, head);
  // What passes through has been read on its way from the start.
  std::unique_ptr<cache::Reader> reader = flight.take_reader();
  return reader && !has_no_content(passage) ? stream_stored(passage, std::move(reader)) : send_stored(passage, whole);
}

/// The head that is in own_reply, and that much of the content.
Task<Try<void>> Proxy::send_stored(Passage& passage, http::ByteRange extent) {
  Exchange& x = passage.x;
  http::Response& head = x.own_reply;
  const cache::BodyRef& body = passage.stored->body();
  if (http::status_forbids_content(head.status)) head.body = {};
  if (has_no_content(passage)) extent = nothing;
  if (passage.guard == nullptr && (extent == nothing || body->complete())) {
    // The usual: all of it lies here in one piece, and goes out with the head.
    cache::Reader reader(worker_, body, extent.first, extent.end);
    const auto piece = extent == nothing ? Try<Piece>(Piece{{}, true}) : reader.at_hand().value_or(Piece{});
    if (piece && piece->last) return x.send_head(head, *piece);
  }
  return stream_stored(passage, std::make_unique<cache::Reader>(worker_, body, extent.first, extent.end));
}

Task<Try<void>> Proxy::stream_stored(Passage& passage, std::unique_ptr<cache::Reader> reader) {
  const auto at_hand = reader->at_hand();
  const Piece first = at_hand && *at_hand ? **at_hand : Piece{};
  StoredFetch fetch(std::move(reader));
  const Transfer transfer_of{passage, fetch, pipes_, {}, {}};
  const Try<void> done = co_await relay_response(transfer_of, passage.x.own_reply, first);
  if (!done && passage.x.reply_started()) passage.x.abort();
  co_return done;
}

}  // namespace gatehouse::proxy
