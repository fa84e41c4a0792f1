#include "gateway/cdn/compression_rules.hpp"

#include <algorithm>
#include <array>

#include "gateway/http/cache_control.hpp"
#include "gateway/http/entity_tag.hpp"
#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

using http::Field;
using http::FieldKind;
using http::FieldList;

/// Amazon's list.
constexpr auto types = std::to_array<std::string_view>({
    "application/dash+xml", "application/eot", "application/font", "application/font-sfnt", "application/javascript",
    "application/json", "application/opentype", "application/otf", "application/pdf", "application/pkcs7-mime",
    "application/protobuf", "application/rss+xml", "application/truetype", "application/ttf",
    "application/vnd.apple.mpegurl", "application/vnd.mapbox-vector-tile", "application/vnd.ms-fontobject",
    "application/wasm", "application/x-font-opentype", "application/x-font-truetype", "application/x-font-ttf",
    "application/x-httpd-cgi", "application/x-javascript", "application/x-mpegurl", "application/x-opentype",
    "application/x-otf", "application/x-perl", "application/x-ttf", "application/xhtml+xml", "application/xml",
    "font/eot", "font/opentype", "font/otf", "font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html",
    "text/javascript", "text/js", "text/plain", "text/richtext", "text/tab-separated-values", "text/x-component",
    "text/x-java-source", "text/x-script", "text/xml", "vnd.apple.mpegurl"});
constexpr std::size_t type_size_max = 64;

/// What the bytes of the plain content were described with (RFC 9530, RFC 9110 14.3, and what came before them).
bool describes_plain_bytes(const Field& field) noexcept {
  constexpr std::array<std::string_view, 5> names{"content-md5", "content-digest", "repr-digest", "digest", "accept-ranges"};
  return field.kind == FieldKind::other &&
         std::ranges::any_of(names, [&](std::string_view name) { return http::equals_ignoring_case(name, field.name()); });
}

const Field* forwarded(const FieldList& fields, FieldKind kind) noexcept {
  for (const Field& field : fields.all()) {
    if (field.kind == kind && !field.dropped) return &field;
  }
  return nullptr;
}

bool varies_already(const FieldList& fields) noexcept {
  return std::ranges::any_of(fields.all(), [](const Field& field) {
    return field.kind == FieldKind::vary && !field.dropped &&
           (http::list_has(field.value(), "accept-encoding") || http::list_has(field.value(), "*"));
  });
}

/// A field whose line is `name: value` at the end of `room`, which has space for it.
Field line(std::string& room, std::string_view name, std::string_view prefix, std::string_view value, FieldKind kind) {
  Field made;
  made.line = room.data() + room.size();
  made.name_size = static_cast<std::uint16_t>(name.size());
  made.value_offset = static_cast<std::uint16_t>(name.size() + 2);
  made.value_size = static_cast<std::uint32_t>(prefix.size() + value.size());
  made.kind = kind;
  made.canonical = true;
  room.append(name).append(": ").append(prefix).append(value).append("\r\n");
  return made;
}

}  // namespace

bool compressible_type(std::string_view content_type) noexcept {
  const std::string_view type = http::without_parameters(content_type);
  if (type.empty() || type.size() > type_size_max) return false;
  std::array<char, type_size_max> lowered;
  std::ranges::transform(type, lowered.begin(), http::lower);
  const std::string_view wanted(lowered.data(), type.size());
  return std::ranges::find(types, wanted) != types.end();
}

bool may_compress(const http::Request& request, const http::Response& response, Codings codings) noexcept {
  if (codings.empty() || request.version_minor == 0) return false;
  if (response.status != 200 && response.status != 403 && response.status != 404) return false;
  const FieldList& fields = response.fields;
  // A length that the origin announced: what happens to be here as a whole already does not count, as it may not be next time.
  if (response.body.kind != http::BodyKind::counted || forwarded(fields, FieldKind::content_length) == nullptr) return false;
  if (response.body.length < compressed_min || response.body.length > compressed_max) return false;
  if (forwarded(fields, FieldKind::content_encoding) != nullptr) return false;
  const Field* const type = forwarded(fields, FieldKind::content_type);
  return type != nullptr && compressible_type(type->value()) && !http::cache_control(fields).no_transform;
}

Marked mark_compressed(http::Response& response, Coding coding, std::string& room) {
  FieldList& fields = response.fields;
  const Field* const tag_field = forwarded(fields, FieldKind::etag);
  const http::EntityTag tag = tag_field == nullptr ? http::EntityTag() : http::entity_tag(tag_field->value());
  // What is not well formed counts as weak, but looks like neither kind.
  const bool drop_tag = !tag.empty() && !tag.text.starts_with('"') && !tag.text.starts_with("W/");
  const bool weaken = !tag.empty() && !drop_tag && !tag.text.starts_with("W/");
  const bool vary = !varies_already(fields);
  const std::size_t added = 1u + (weaken ? 1u : 0u) + (vary ? 1u : 0u);
  if (fields.all().size() + added > http::fields_max) return {};
  constexpr std::size_t other_texts = 128;  // Content-Encoding, Vary and what surrounds the tag
  room.clear();
  room.reserve(other_texts + tag.text.size());
  fields.drop(http::FieldKinds(FieldKind::content_encoding, FieldKind::content_length));
  if (weaken || drop_tag) fields.drop(FieldKind::etag);
  for (Field& field : fields.all()) field.dropped |= describes_plain_bytes(field);
  fields.push(line(room, "content-encoding", "", coding_name(coding), FieldKind::content_encoding));
  if (weaken) fields.push(line(room, "etag", "W/", tag.text, FieldKind::etag));
  if (vary) fields.push(line(room, "vary", "", "Accept-Encoding", FieldKind::vary));
  return {true, weaken};
}

void original_tag(http::Response& response) noexcept {
  for (Field& field : response.fields.all()) {
    if (field.kind != FieldKind::etag || !field.value().starts_with("W/")) continue;
    field.value_offset = static_cast<std::uint16_t>(field.value_offset + 2);
    field.value_size -= 2;
    field.canonical = false;
  }
}

}  // namespace gatehouse::cdn
