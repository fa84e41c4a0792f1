#include "gateway/proxy/patchwork.hpp"

#include <algorithm>

#include "gateway/cache/partial.hpp"
#include "gateway/cache/validation.hpp"
#include "gateway/cdn/request_parts.hpp"
#include "gateway/http/field_line.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {

using cache::Object;
using http::ByteRange;
using http::FieldKind;

namespace {

/// Conditions that are not about the range.
bool has_conditions(const http::FieldList& fields) noexcept {
  return fields.has(FieldKind::if_match) || fields.has(FieldKind::if_none_match) || fields.has(FieldKind::if_modified_since) ||
         fields.has(FieldKind::if_unmodified_since);
}

}  // namespace

std::unique_ptr<Patchwork> Patchwork::find(const Passage& passage, std::int64_t now_ms) {
  if (has_conditions(passage.x.request.fields)) return nullptr;
  auto found = std::make_unique<Patchwork>();
  if (!found->collect(passage, now_ms) || !found->place(passage)) return nullptr;
  return found;
}

/// The fresh parts that are of one representation with the one that came last.
bool Patchwork::collect(const Passage& passage, std::int64_t now_ms) {
  const Caching& caching = *passage.caching;
  http::Response head;
  caching.shared.store.find(part_key(caching.key), [&](const Object& part) {
    if (!is_usable_part(passage, part, now_ms)) return false;
    part.head_into(head);
    const auto at = cache::part_of(head);
    if (at && cache::has_strong_validator(head)) parts_.push_back({cache::ObjectRef(const_cast<Object*>(&part)), at->range});
    return false;
  });
  std::erase_if(parts_, [&](const Placed& placed) { return caching.shared.store.purges().check(*placed.part) != cache::Purged::valid; });
  if (parts_.empty()) return false;
  newest_ = std::ranges::max_element(parts_, {}, [](const Placed& placed) { return placed.part->freshness().response_ms; })->part;
  http::Response newest;
  newest_->head_into(newest);
  whole_length_ = cache::part_of(newest)->whole_length;
  std::erase_if(parts_, [&](const Placed& placed) {
    placed.part->head_into(head);
    return !cache::may_join(head, cache::part_of(head)->whole_length, newest);
  });
  const cache::Evaluated evaluated = cache::evaluate(passage.x.request, newest, newest_->freshness().response_ms);
  return evaluated.use_range;
}

/// Finds out what is missing. False when all is, or when the client wants more than one range.
bool Patchwork::place(const Passage& passage) {
  const cache::Cut cut = cache::cut(passage.x.request, whole_length_);
  if (cut.answer != cache::RangeAnswer::one_part) return false;
  wanted_ = cut.ranges.ranges[0];
  std::ranges::sort(parts_, {}, [](const Placed& placed) { return placed.range.first; });
  std::vector<ByteRange> held, gaps;
  for (const Placed& placed : parts_) cache::add_part(held, placed.range);
  cache::missing(held, wanted_, gaps);
  if (!gaps.empty()) hole_ = {gaps.front().first, gaps.back().end};
  return hole_ != wanted_;
}

void Patchwork::ask_for_hole(http::Request& request, exchange::Scratch& scratch) const {
  const std::span<char> room = scratch.take(http::content_range_size);
  const std::string_view range = http::write_range(hole_, room.first<http::content_range_size>());
  for (http::Field& field : request.fields.all()) {
    if (field.kind == FieldKind::range) field = http::field_of_line(scratch.join("Range: ", range, "\r\n"), 5);
  }
  if (request.fields.has(FieldKind::if_range)) return;  // it names what the parts are of
  http::Response head;
  newest_->head_into(head);
  cdn::push_field(request.fields, "If-Range", cache::if_range_for(head), scratch);
}

Patchwork::Answer Patchwork::judge(const http::Response& answer) const noexcept {
  if (answer.status != 206) {
    const bool about_the_hole = answer.status == 304 || answer.status == 412 || answer.status == 416;
    return about_the_hole ? Answer::useless : Answer::instead;
  }
  const auto part = cache::part_of(answer);
  http::Response head;
  newest_->head_into(head);
  // Of content without a length nobody knows yet whether it is all of the hole.
  const bool fits = part && part->range == hole_ && answer.body.kind == http::BodyKind::counted && cache::may_join(head, whole_length_, answer);
  return fits ? Answer::fills : Answer::useless;
}

void Patchwork::make_head(http::Response& head, exchange::Scratch& scratch) const {
  const std::span<char> room = scratch.take(http::content_range_size);
  head.fields.add("content-range", cache::make_partial(head, {wanted_, whole_length_}, room.first<http::content_range_size>()));
}

std::unique_ptr<GatheredFetch> Patchwork::content(runtime::Worker& worker, std::unique_ptr<cache::Reader> filling) const {
  auto out = std::make_unique<GatheredFetch>();
  if (complete()) {
    add_stored(worker, wanted_, *out);
    return out;
  }
  add_stored(worker, {wanted_.first, hole_.first}, *out);
  out->add(std::move(filling));
  add_stored(worker, {hole_.end, wanted_.end}, *out);
  return out;
}

/// A run that the parts hold without a gap.
void Patchwork::add_stored(runtime::Worker& worker, ByteRange range, GatheredFetch& out) const {
  for (const Placed& placed : parts_) {
    if (range.size() == 0 || placed.range.end <= range.first) continue;
    const std::uint64_t end = std::min(placed.range.end, range.end);
    out.add(std::make_unique<cache::Reader>(worker, placed.part->body(), range.first - placed.range.first, end - placed.range.first));
    range.first = end;
  }
}

}  // namespace gatehouse::proxy
