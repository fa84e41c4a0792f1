#include "gateway/cache/partial.hpp"

#include <algorithm>
#include <array>

#include "gateway/cache/validation.hpp"
#include "gateway/http/entity_tag.hpp"
#include "gateway/http/status.hpp"

namespace gatehouse::cache {
namespace {

using http::FieldKind;

/// The only line of a kind; nothing when there is none or more than one.
const http::Field* sole(const http::FieldList& fields, FieldKind kind) noexcept {
  return std::ranges::count(fields.all(), kind, &http::Field::kind) == 1 ? fields.first(kind) : nullptr;
}

void take_head(http::Response& response, std::uint16_t status, std::uint64_t length) noexcept {
  constexpr http::FieldKinds replaced(FieldKind::content_length, FieldKind::content_range, FieldKind::transfer_encoding);
  response.status = status;
  response.reason = http::status_reason(status);
  response.body = {http::BodyKind::counted, length};
  response.fields.drop(replaced);
}

/// The pieces of a part head, in order. They are joined in two ways: their sizes, and their text.
struct Pieces {
  std::array<std::string_view, 8> list;
  std::size_t size{0};
  void push(std::string_view text) noexcept { list[size++] = text; }
};

Pieces pieces_of(const PartHead& head, std::span<char, http::content_range_size> range_text) noexcept {
  const http::ContentRange range{head.range, head.whole_length};
  Pieces out;
  out.push(head.first ? "--" : "\r\n--");
  out.push(head.boundary);
  if (!head.content_type.empty()) {
    out.push("\r\nContent-Type: ");
    out.push(head.content_type);
  }
  out.push("\r\nContent-Range: ");
  out.push(http::write_content_range(range, range_text));
  out.push("\r\n\r\n");
  return out;
}

}  // namespace

Cut cut(const http::Request& request, std::uint64_t length) noexcept {
  const http::Field* const field = sole(request.fields, FieldKind::range);
  if (request.method != http::Method::get || field == nullptr) return {};
  const auto specs = http::parse_range(field->value());
  if (!specs) return {};
  Cut out{RangeAnswer::whole, http::resolve(*specs, length)};
  if (out.ranges.ignored) return out;
  if (out.ranges.unsatisfiable()) out.answer = RangeAnswer::unsatisfiable;
  else out.answer = out.ranges.size == 1 ? RangeAnswer::one_part : RangeAnswer::many_parts;
  return out;
}

std::optional<Part> part_of(const http::Response& response) noexcept {
  const http::Field* const field = sole(response.fields, FieldKind::content_range);
  if (response.status != 206 || field == nullptr) return std::nullopt;
  const auto range = http::parse_content_range(field->value());
  if (!range || !range->range || !range->length) return std::nullopt;
  // Content that is not as long as it says belongs to no known place.
  if (response.body.kind == http::BodyKind::counted && response.body.length != range->range->size()) return std::nullopt;
  return Part{*range->range, *range->length};
}

bool holds(std::span<const http::ByteRange> parts, http::ByteRange wanted) noexcept {
  return std::ranges::any_of(parts, [wanted](http::ByteRange part) { return part.holds(wanted); });
}

void missing(std::span<const http::ByteRange> parts, http::ByteRange wanted, std::vector<http::ByteRange>& out) {
  out.clear();
  for (const http::ByteRange part : parts) {
    if (part.end <= wanted.first) continue;
    if (part.first >= wanted.end) break;
    if (part.first > wanted.first) out.push_back({wanted.first, part.first});
    wanted.first = std::min(part.end, wanted.end);
  }
  if (wanted.size() != 0) out.push_back(wanted);
}

void add_part(std::vector<http::ByteRange>& parts, http::ByteRange part) {
  if (part.size() == 0) return;
  const auto from = std::ranges::find_if(parts, [part](http::ByteRange other) { return other.end >= part.first; });
  const auto to = std::find_if(from, parts.end(), [part](http::ByteRange other) { return other.first > part.end; });
  if (from != to) part = {std::min(part.first, from->first), std::max(part.end, std::prev(to)->end)};
  parts.insert(parts.erase(from, to), part);
}

bool may_join(const http::Response& stored, std::uint64_t stored_length, const http::Response& fresh) noexcept {
  const auto part = part_of(fresh);
  return part && part->whole_length == stored_length && same_strong_validator(stored, fresh);
}

std::string_view if_range_for(const http::Response& stored) noexcept {
  if (!has_strong_validator(stored)) return {};
  const http::Field* const tag = stored.fields.first(FieldKind::etag);
  return (tag != nullptr ? tag : stored.fields.first(FieldKind::last_modified))->value();
}

std::string_view make_partial(http::Response& response, const Part& part, std::span<char, http::content_range_size> out) noexcept {
  take_head(response, 206, part.range.size());
  return http::write_content_range({part.range, part.whole_length}, out);
}

void make_multipart(http::Response& response, std::uint64_t size) noexcept {
  take_head(response, 206, size);
  response.fields.drop(FieldKind::content_type);
}

std::string_view make_unsatisfiable(http::Response& response, std::uint64_t length, std::span<char, http::content_range_size> out) noexcept {
  take_head(response, 416, 0);
  // What describes the stored content does not describe the empty one of this answer.
  constexpr http::FieldKinds describing(FieldKind::content_type, FieldKind::content_encoding, FieldKind::etag, FieldKind::last_modified,
                                        FieldKind::cache_control, FieldKind::expires, FieldKind::set_cookie);
  response.fields.drop(describing);
  return http::write_content_range({std::nullopt, length}, out);
}

std::size_t part_head_size(const PartHead& head) noexcept {
  std::array<char, http::content_range_size> range_text;
  const Pieces pieces = pieces_of(head, range_text);
  std::size_t size = 0;
  for (std::size_t i = 0; i < pieces.size; ++i) size += pieces.list[i].size();
  return size;
}

void write_part_head(const PartHead& head, std::span<char> out) noexcept {
  std::array<char, http::content_range_size> range_text;
  const Pieces pieces = pieces_of(head, range_text);
  char* at = out.data();
  for (std::size_t i = 0; i < pieces.size; ++i) at = std::ranges::copy(pieces.list[i], at).out;
}

MultipartSize multipart_size(PartHead head, const http::ByteRanges& ranges) noexcept {
  MultipartSize size{last_delimiter_size(head.boundary), 0};
  head.first = true;
  for (const http::ByteRange range : ranges.all()) {
    head.range = range;
    size.texts += part_head_size(head);
    size.total += range.size();
    head.first = false;
  }
  size.total += size.texts;
  return size;
}

}  // namespace gatehouse::cache
