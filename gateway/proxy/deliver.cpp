// Step 4, look up: a stored response on its way to the client. Its own conditions and ranges are answered from what is
// stored (RFC 9110 13, 14); content goes out from where it lies.
#include <array>

#include "gateway/cache/partial.hpp"
#include "gateway/cache/stored_fields.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/http/status.hpp"
#include "gateway/proxy/error_page.hpp"
#include "gateway/proxy/fill.hpp"
#include "gateway/proxy/patchwork.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/stored_fetch.hpp"
#include "gateway/proxy/stored_part.hpp"
#include "gateway/proxy/stored_ranges.hpp"
#include "gateway/proxy/transfer.hpp"

namespace gatehouse::proxy {

using exchange::Piece;

namespace {

constexpr http::ByteRange whole{0, cache::Reader::to_the_end};
constexpr http::ByteRange nothing{0, 0};

/// What of a stored response's content is sent.
struct Extent {
  Extent(http::ByteRange range) noexcept : range(range) {}
  explicit Extent(std::unique_ptr<GatheredFetch> parts) noexcept : range(nothing), parts(std::move(parts)) {}
  http::ByteRange range;
  std::unique_ptr<GatheredFetch> parts;  // several ranges, with what stands around them; null: one
};

/// Makes the head what the client's conditions and range ask for.
Extent answer_conditions(Passage& passage, const cache::Object& object, http::Response& head) {
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
    return nothing;
  }
  if (cut.answer == cache::RangeAnswer::many_parts) {
    auto parts = make_multipart(passage, object, cut.ranges, head);
    return parts ? Extent(std::move(parts)) : Extent(whole);
  }
  if (cut.answer != cache::RangeAnswer::one_part) return whole;
  const http::ByteRange range = cut.ranges.ranges[0];
  head.fields.add("content-range", cache::make_partial(head, {range, length}, text));
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

/// Trailers need chunked framing, and a client that knows it; a Trailer field is for those who get them (RFC 9110 6.5, 6.6.2).
void frame(const Passage& passage, const cache::Body& body, bool whole_content, http::Response& head) {
  const bool counted = head.body.kind == http::BodyKind::counted;
  if (whole_content && counted && passage.x.request.version_minor != 0 && !body.trailers().empty()) head.body = {http::BodyKind::chunked, 0};
  if (head.body.kind != http::BodyKind::chunked) head.fields.drop(http::FieldKind::trailer);
}

void note(Passage& passage, CacheResult result) noexcept {
  passage.caching->result = result;
  passage.x.note(Decision::cache_looked_up, passage.caching->key.a, static_cast<std::uint8_t>(result));
}

void tell_landing(Caching& caching, const Landing& landing) {
  caching.status.forward_status = landing.origin_status;
  caching.status.stored = landing.kind == Landing::Kind::stored;
  caching.status.detail = landing.detail;
}

/// Makes own_reply the head of what was fetched for this exchange.
void begin_landed(Passage& passage, const Landing& landing) {
  Caching& caching = *passage.caching;
  const bool stored = landing.kind == Landing::Kind::stored;
  note(passage, stored ? CacheResult::miss : CacheResult::pass);
  http::Response& head = passage.x.own_reply;
  passage.stored = landing.whole ? landing.whole : landing.object;
  passage.stored->head_into(head);
  // What is passed on as it came still has its Age among its fields.
  if (stored && !landing.whole && !landing.age.empty()) head.fields.add("age", landing.age);
  if (!stored) return;
  caching.status.has_ttl = true;
  caching.status.ttl_s = landing.object->freshness().ttl_ms(landing.object->freshness().response_ms) / 1000;
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
  Extent extent = answer_conditions(passage, *passage.stored, head);
  return extent.parts ? stream(passage, std::move(extent.parts)) : send_stored(passage, extent.range);
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

/// Parts that hold what the client wants between them.
Task<Try<void>> Proxy::deliver_patched(Passage& passage) {
  note(passage, CacheResult::hit);
  const Patchwork& patches = *passage.caching->patches;
  http::Response& head = passage.x.own_reply;
  passage.stored = patches.newest();
  passage.stored->head_into(head);
  add_age_and_status(passage, head);
  patches.make_head(head, passage.x.scratch);
  return stream(passage, patches.content(worker_, nullptr));
}

/// What a flight brought for the hole that stored parts leave, with them; or what it brought instead.
Task<Try<void>> Proxy::deliver_filled(Passage& passage, const CompiledAction& action, Flight& flight) {
  const Landing& landing = flight.landing();
  Caching& caching = *passage.caching;
  http::Response& head = passage.x.own_reply;
  landing.object->head_into(head);
  const Patchwork::Answer answer = caching.patches->judge(head);
  if (answer == Patchwork::Answer::useless) return go_past(passage, action, CacheResult::pass);
  if (answer == Patchwork::Answer::instead) return deliver_landed(passage, flight, true);
  caching.status.forward = cache::Forward::partial;
  tell_landing(caching, landing);
  begin_landed(passage, landing);
  caching.patches->make_head(head, passage.x.scratch);
  finish_head(passage, head);
  std::unique_ptr<cache::Reader> reader = flight.take_reader();
  if (!reader) reader = std::make_unique<cache::Reader>(worker_, passage.stored->body());
  return stream(passage, caching.patches->content(worker_, std::move(reader)));
}

/// What a flight brought, to the one that began it or to one that waited for it.
Task<Try<void>> Proxy::deliver_landed(Passage& passage, Flight& flight, bool leads) {
  const Landing& landing = flight.landing();
  Caching& caching = *passage.caching;
  tell_landing(caching, landing);
  if (landing.validated) return deliver_hit(passage, landing.object, CacheResult::revalidated);
  if (!leads) return deliver_hit(passage, landing.object, CacheResult::collapsed);
  begin_landed(passage, landing);
  http::Response& head = passage.x.own_reply;
  if (is_replaced(passage, head.status)) return Task<Try<void>>::now(Failure{not_for_the_client(Errc::replaced_by_page, head.status)});
  finish_head(passage, head);
  // What passes through has been read on its way from the start.
  std::unique_ptr<cache::Reader> reader = flight.take_reader();
  if (reader && !has_no_content(passage)) {
    frame(passage, *passage.stored->body(), true, head);
    return stream(passage, std::make_unique<StoredFetch>(std::move(reader)));
  }
  return send_stored(passage, whole);
}

/// The head that is in own_reply, and that much of the content.
Task<Try<void>> Proxy::send_stored(Passage& passage, http::ByteRange extent) {
  Exchange& x = passage.x;
  http::Response& head = x.own_reply;
  const cache::BodyRef& body = passage.stored->body();
  if (http::status_forbids_content(head.status)) head.body = {};
  frame(passage, *body, extent == whole, head);
  if (has_no_content(passage)) extent = nothing;
  const bool trailed = head.body.kind == http::BodyKind::chunked && extent != nothing;
  if (passage.guard == nullptr && !trailed && (extent == nothing || body->in_memory())) {
    // The usual: all of it lies here in one piece, and goes out with the head.
    cache::Reader reader(worker_, body, extent.first, extent.end);
    const auto piece = extent == nothing ? Try<Piece>(Piece{{}, true}) : reader.at_hand().value_or(Piece{});
    if (piece && piece->last) return x.send_head(head, *piece);
  }
  return stream(passage, std::make_unique<StoredFetch>(std::make_unique<cache::Reader>(worker_, body, extent.first, extent.end)));
}

/// The head that is in own_reply, and content from wherever it lies.
Task<Try<void>> Proxy::stream(Passage& passage, std::unique_ptr<ContentFetch> content) {
  Try<Piece> first = content->body_at_hand();
  // What turns out not to be on disk any more is found out before anything is said.
  if (first && first->bytes.empty() && !first->last && content->awaits_disk()) first = co_await content->read_body();
  if (!first && first.error().what == Errc::stored_lost) co_return Failure{first.error()};
  const Transfer transfer_of{passage, *content, pipes_, {}, {}};
  const Try<void> done = co_await relay_response(transfer_of, passage.x.own_reply, first.value_or(Piece()));
  if (!done && passage.x.reply_started()) passage.x.abort();
  co_return done;
}

}  // namespace gatehouse::proxy
