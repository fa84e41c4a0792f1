#include "gateway/proxy/stored_part.hpp"

#include <algorithm>

#include "gateway/cache/validation.hpp"
#include "gateway/cache/vary.hpp"
#include "gateway/http/status.hpp"

namespace gatehouse::proxy {

using cache::Object;
using http::ByteRange;
using http::FieldKind;

namespace {

std::string_view range_of(const http::Request& request) noexcept {
  const http::Field* const field = request.fields.first(FieldKind::range);
  return field == nullptr ? std::string_view() : field->value();
}

/// The Range that a part was the answer to.
std::string_view answered(const Object& part) noexcept {
  const std::string_view selector = part.selector();
  return selector.substr(selector.rfind('\n') + 1);
}

std::string_view variant_of(const Object& part) noexcept {
  const std::string_view selector = part.selector();
  return selector.substr(0, selector.rfind('\n'));
}

/// Whether the part answers the request: the very same Range, or one within it.
bool answers(const Object& part, const http::Request& request) {
  if (answered(part) == range_of(request)) return true;
  http::Response head;
  part.head_into(head);
  const auto place = cache::part_of(head);
  if (!place) return false;
  const cache::Cut cut = cache::cut(request, place->whole_length);
  return cut.answer == cache::RangeAnswer::one_part && place->range.holds(cut.ranges.ranges[0]);
}

void copy(const Object& part, ByteRange from, cache::Body& to, runtime::Worker& worker) {
  cache::Reader reader(worker, part.body(), from.first, from.end);
  for (bool last = false; !last;) {
    const auto piece = reader.at_hand();
    if (!piece || !*piece) return;
    to.append((*piece)->bytes);
    last = (*piece)->last;
  }
}

struct Placed {
  cache::ObjectRef object;
  ByteRange range;
};

/// Content from the parts, which are in ascending order and leave no gap.
cache::BodyRef whole_body(const std::vector<Placed>& parts, std::uint64_t length, runtime::Worker& worker) {
  cache::BodyRef body = cache::Body::make(length);
  std::uint64_t at = 0;
  for (const Placed& part : parts) {
    if (part.range.end <= at) continue;
    copy(*part.object, {at - part.range.first, part.range.size()}, *body, worker);
    at = part.range.end;
  }
  if (!body->complete()) body->finish();
  return body;
}

/// Whether they hold the whole. Sorts them.
bool hold_all(std::vector<Placed>& parts, std::uint64_t length) {
  std::ranges::sort(parts, {}, [](const Placed& part) { return part.range.first; });
  std::uint64_t at = 0;
  for (const Placed& part : parts) {
    if (part.range.first > at) return false;
    at = std::max(at, part.range.end);
  }
  return at == length;
}

}  // namespace

std::string part_selector(std::string_view selector, const http::Request& asked) {
  return std::string(selector) + '\n' + std::string(range_of(asked));
}

bool may_store_part(const cache::Storing& storing, const http::Request& asked, const http::Response& head) noexcept {
  if (!asked.fields.has(FieldKind::range)) return false;
  if (storing.may_store()) return true;
  return storing.why_not == cache::Unstorable::content_range && head.fields.has(FieldKind::content_range) &&
         !head.fields.has(FieldKind::set_cookie) && storing.freshness.has(cache::FreshnessFlag::explicit_lifetime);
}

bool is_usable_part(const Passage& passage, const Object& part, std::int64_t now_ms) {
  if (!cache::usable(passage.caching->request, part.freshness(), now_ms) || !part.body()->complete()) return false;
  if (part.vary_names().empty()) return true;
  std::string scratch;
  const cache::Variant variant{part.vary_names(), variant_of(part), {}};
  return cache::match(variant, passage.x.request.fields, scratch) == cache::VariantMatch::exact;
}

cache::ObjectRef find_part(const Passage& passage, std::int64_t now_ms) {
  const Caching& caching = *passage.caching;
  const http::Request& request = passage.x.request;
  const cache::Found found = caching.shared.store.find(part_key(caching.key), [&](const Object& part) {
    return is_usable_part(passage, part, now_ms) && answers(part, request);
  });
  if (!found.object || found.purged != cache::Purged::valid) return {};
  if (request.fields.has(FieldKind::if_range)) {
    http::Response head;
    found.object->head_into(head);
    if (!cache::evaluate(request, head, found.object->freshness().response_ms).use_range) return {};
  }
  return found.object;
}

ByteRange cut_part(Passage& passage, const Object& part, http::Response& head) {
  const http::Request& request = passage.x.request;
  const auto place = cache::part_of(head);
  if (!place || answered(part) == range_of(request)) return {0, cache::Reader::to_the_end};
  const ByteRange wanted = cache::cut(request, place->whole_length).ranges.ranges[0];
  const std::span<char> room = passage.x.scratch.take(http::content_range_size);
  const std::span<char, http::content_range_size> text(room.data(), http::content_range_size);
  head.fields.add("content-range", cache::make_partial(head, {wanted, place->whole_length}, text));
  return {wanted.first - place->range.first, wanted.end - place->range.first};
}

cache::ObjectRef join_parts(cache::Store& store, const Object& added, const cache::Key& whole, runtime::Worker& worker) {
  http::Response head, other;
  added.head_into(head);
  const auto place = cache::part_of(head);
  if (!place || !cache::has_strong_validator(head) || place->whole_length > store.object_max()) return {};
  std::vector<Placed> parts;
  store.find(part_key(whole), [&](const Object& part) {
    part.head_into(other);
    const auto at = cache::part_of(other);
    const bool fits = at && part.body()->complete() && part.vary_names() == added.vary_names() &&
                      variant_of(part) == variant_of(added) && cache::may_join(other, at->whole_length, head);
    if (fits) parts.push_back({cache::ObjectRef(const_cast<Object*>(&part)), at->range});
    return false;
  });
  std::erase_if(parts, [&](const Placed& part) { return store.purges().check(*part.object) != cache::Purged::valid; });
  if (!hold_all(parts, place->whole_length)) return {};
  const cache::ObjectSpec spec{whole, added.key_text(), added.vary_names(), variant_of(added), added.keyed(), added.tags(), added.freshness(),
                               added.checked().epoch};
  head.status = 200;
  head.reason = http::status_reason(200);
  head.fields.drop(http::FieldKinds(FieldKind::content_range, FieldKind::content_length));
  head.body = {http::BodyKind::counted, place->whole_length};
  return Object::make(head, spec, whole_body(parts, place->whole_length, worker));
}

}  // namespace gatehouse::proxy
