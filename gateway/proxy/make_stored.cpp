#include "gateway/proxy/make_stored.hpp"

#include <algorithm>

#include "gateway/cache/tags.hpp"
#include "gateway/cache/vary.hpp"
#include "gateway/http/date.hpp"
#include "gateway/http/field_line.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/stored_part.hpp"

namespace gatehouse::proxy {

using cache::StoredField;
using http::FieldKind;

namespace {

constexpr std::string_view surrogate_key = "surrogate-key";  // blanks between
constexpr std::string_view cache_tag = "cache-tag";          // commas between

bool is_tag_field(const http::Field& field, std::string_view own) noexcept {
  if (field.kind != FieldKind::other) return false;
  const auto is = [&](std::string_view name) { return http::equals_ignoring_case(field.name(), name); };
  return is(surrogate_key) || is(cache_tag) || (!own.empty() && is(own));
}

/// The hashes of the response's tags, which are compared without letter case, and of its cache groups.
std::vector<std::uint64_t> tags_of(const StoredUnder& under, const http::FieldList& fields) {
  const cache::PurgeTable& purges = under.shared.store.purges();
  std::vector<std::uint64_t> hashes;
  cache::Tags tags;
  cache::collect_tags(fields, surrogate_key, cache::TagSyntax::blanks, tags);
  cache::collect_tags(fields, cache_tag, cache::TagSyntax::commas, tags);
  if (!under.tag_header.empty()) cache::collect_tags(fields, under.tag_header, cache::TagSyntax::commas, tags);
  for (const std::string_view tag : tags.all()) hashes.push_back(purges.hash_of(tag_name(tag)));
  const cache::Groups groups = cache::cache_groups(fields);
  for (const std::string_view group : groups.all()) {
    if (hashes.size() < cache::Object::tags_max) hashes.push_back(purges.hash_of(group_name(under.key_origin, group)));
  }
  return hashes;
}

void leave_out_encoding(std::string& names) {
  std::string kept;
  for (std::string_view rest = names; !rest.empty();) {
    const std::string_view name = cache::next_name(rest);
    if (name != "accept-encoding") kept.append(kept.empty() ? "" : ",").append(name);
  }
  names = std::move(kept);
}

}  // namespace

void write_fields(const std::vector<StoredField>& from, std::string& room, http::FieldList& out) {
  std::size_t size = 0;
  for (const StoredField& field : from) size += field.name.size() + field.value.size() + 4;
  room.clear();
  room.reserve(size);
  for (const StoredField& field : from) {
    http::Field made;
    made.line = room.data() + room.size();
    made.name_size = static_cast<std::uint16_t>(field.name.size());
    made.value_offset = static_cast<std::uint16_t>(field.name.size() + 2);
    made.value_size = static_cast<std::uint32_t>(field.value.size());
    made.kind = field.kind;
    made.canonical = true;
    room.append(field.name).append(": ").append(field.value).append("\r\n");
    out.push(made);
  }
}

cache::ObjectRef make_stored(const StoredUnder& under, const http::Response& head, std::vector<StoredField>& fields,
                             const cache::Freshness& freshness, cache::BodyRef body) {
  std::array<char, http::date_size> date;
  if (cache::lacks_date(fields)) {
    http::write_date(freshness.response_ms / 1000, date);
    fields.push_back({"date", {date.data(), date.size()}, FieldKind::date});
  }
  http::Response stored;
  std::string text, vary_names, selector;
  stored.status = head.status;
  stored.reason = head.reason;
  stored.body = head.body;
  write_fields(fields, text, stored.fields);
  const std::vector<std::uint64_t> tags = tags_of(under, stored.fields);
  // Tags are between the origin and its caches.
  for (http::Field& field : stored.fields.all()) field.dropped = is_tag_field(field, under.tag_header);
  if (under.selectors != Selectors::none) cache::vary_names(stored.fields, vary_names);
  if (under.selectors == Selectors::all_but_encoding) leave_out_encoding(vary_names);
  cache::selector(vary_names, under.asked.fields, selector);
  if (under.part) selector = part_selector(selector, under.asked);
  const cache::Key key = under.part ? part_key(under.key) : under.key;
  return cache::Object::make(stored, {key, under.key_text, vary_names, selector, under.keyed, tags, freshness, under.epoch}, std::move(body));
}

std::string trailer_lines(const http::FieldList* trailers) {
  std::string lines;
  if (trailers == nullptr) return lines;
  for (const http::Field& field : trailers->all()) {
    if (!field.dropped) lines.append(field.name()).append(": ").append(field.value()).append("\r\n");
  }
  return lines;
}

void read_trailer_lines(std::string_view lines, http::FieldList& out) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n") + 2;
    out.push(http::field_of_line(lines.substr(0, end), lines.find(':')));
    lines.remove_prefix(end);
  }
}

cache::ObjectRef make_passing(const StoredUnder& under, const http::Response& head, cache::BodyRef body) {
  return cache::Object::make(head, {under.key, under.key_text, {}, {}, {}, {}, {}, under.epoch}, std::move(body));
}

}  // namespace gatehouse::proxy
