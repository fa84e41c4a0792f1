#include "gateway/cache/validation.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/http/date.hpp"
#include "gateway/http/entity_tag.hpp"
#include "gateway/http/status.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

using http::FieldKind;
using http::FieldList;
using http::TagComparison;

std::string_view value_of(const FieldList& fields, FieldKind kind) noexcept {
  const http::Field* const field = fields.first(kind);
  return field == nullptr ? std::string_view() : field->value();
}

std::optional<std::int64_t> date_of(const FieldList& fields, FieldKind kind, std::int64_t now) noexcept {
  return http::parse_date(value_of(fields, kind), now);
}

http::EntityTag tag_of(const http::Response& response) noexcept { return http::entity_tag(value_of(response.fields, FieldKind::etag)); }

/// A Last-Modified that can be no other version's: the response was made at least a second later (RFC 9110 8.8.2.2).
bool strong_date(const http::Response& response) noexcept {
  const auto modified = date_of(response.fields, FieldKind::last_modified, 0), made = date_of(response.fields, FieldKind::date, 0);
  return modified && made && *made > *modified;
}

/// Whether any line of a list of entity tags has the tag.
bool tags_have(const FieldList& fields, FieldKind kind, http::EntityTag tag, TagComparison how) noexcept {
  for (const http::Field& field : fields.all()) {
    if (field.kind == kind && http::tag_list_has(field.value(), tag, how)) return true;
  }
  return false;
}

/// RFC 9110 13.2.2 steps 1 and 2.
bool unmodified_as_asked(const FieldList& asked, const http::Response& stored, std::int64_t now) noexcept {
  if (asked.has(FieldKind::if_match)) return tags_have(asked, FieldKind::if_match, tag_of(stored), TagComparison::strong);
  if (!asked.has(FieldKind::if_unmodified_since)) return true;
  const auto since = date_of(asked, FieldKind::if_unmodified_since, now);
  const auto modified = date_of(stored.fields, FieldKind::last_modified, now);
  return !since || !modified || *modified <= *since;
}

/// Steps 3 and 4: whether the client has what is stored. RFC 9111 4.3.2: Date stands in for a missing Last-Modified.
bool client_has_it(const http::Request& request, const http::Response& stored, std::int64_t now) noexcept {
  const FieldList& asked = request.fields;
  if (asked.has(FieldKind::if_none_match)) return tags_have(asked, FieldKind::if_none_match, tag_of(stored), TagComparison::weak);
  if (!asked.has(FieldKind::if_modified_since)) return false;
  const auto since = date_of(asked, FieldKind::if_modified_since, now);
  if (!since) return false;
  auto changed = date_of(stored.fields, FieldKind::last_modified, now);
  if (!changed) changed = date_of(stored.fields, FieldKind::date, now);
  return changed.value_or(now) <= *since;
}

/// Step 5, RFC 9110 13.1.5: both kinds of validator must be strong.
bool range_still_meant(const http::Request& request, const http::Response& stored, std::int64_t now) noexcept {
  if (!request.fields.has(FieldKind::if_range)) return true;
  const std::string_view text = value_of(request.fields, FieldKind::if_range);
  if (text.starts_with('"') || text.starts_with("W/")) return http::strongly_equal(http::entity_tag(text), tag_of(stored));
  const auto date = http::parse_date(text, now);
  return date && strong_date(stored) && date == date_of(stored.fields, FieldKind::last_modified, now);
}

/// What describes the stored content or belongs to the 304's own hop; also Age, which is made anew.
constexpr http::FieldKinds not_updated(FieldKind::content_length, FieldKind::content_encoding, FieldKind::content_range,
                                       FieldKind::transfer_encoding, FieldKind::trailer, FieldKind::connection, FieldKind::keep_alive,
                                       FieldKind::proxy_connection, FieldKind::te, FieldKind::upgrade, FieldKind::proxy_authenticate,
                                       FieldKind::proxy_authorization, FieldKind::proxy_authentication_info, FieldKind::http2_settings,
                                       FieldKind::age);

bool updates(const http::Field& field) noexcept { return !field.dropped && !not_updated.has(field.kind); }

bool same_name(const http::Field& a, const http::Field& b) noexcept {
  return a.kind == b.kind && (a.kind != FieldKind::other || http::equals_ignoring_case(a.name(), b.name()));
}

/// Whether an earlier line of the list has the name of line `at`.
bool named_before(std::span<const http::Field> fields, std::size_t at) noexcept {
  return std::ranges::any_of(fields.first(at), [&](const http::Field& field) { return same_name(field, fields[at]); });
}

/// Appends all lines of `update` that have the name of `field`; whether there were any.
bool append_updated(std::span<const http::Field> update, const http::Field& field, std::vector<StoredField>& out) {
  bool any = false;
  for (const http::Field& line : update) {
    if (!updates(line) || !same_name(line, field)) continue;
    out.push_back({line.name(), line.value(), line.kind});
    any = true;
  }
  return any;
}

bool has_updated(std::span<const http::Field> update, const http::Field& field) noexcept {
  return std::ranges::any_of(update, [&](const http::Field& line) { return updates(line) && same_name(line, field); });
}

/// Fields of a 304 that would only repeat what the client has (RFC 9110 15.4.5), beside those with a kind of their own.
bool describes_content(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> names{"content-language", "content-md5", "content-digest", "content-disposition"};
  return std::ranges::any_of(names, [name](std::string_view other) { return http::equals_ignoring_case(name, other); });
}

}  // namespace

Conditions conditions_for(const http::Response& stored) noexcept {
  return {value_of(stored.fields, FieldKind::etag), value_of(stored.fields, FieldKind::last_modified)};
}

bool confirms(const http::Response& not_modified, const http::Response& stored) noexcept {
  if (const http::EntityTag tag = tag_of(not_modified); !tag.empty()) {
    const http::EntityTag own = tag_of(stored);
    return tag.strong() ? http::strongly_equal(tag, own) : http::weakly_equal(tag, own);
  }
  const std::string_view modified = value_of(not_modified.fields, FieldKind::last_modified);
  const std::string_view own = value_of(stored.fields, FieldKind::last_modified);
  return modified.empty() || own.empty() || modified == own;
}

void update_fields(const http::Response& stored, const http::Response& not_modified, std::vector<StoredField>& out) {
  const auto old = stored.fields.all(), update = not_modified.fields.all();
  out.clear();
  for (std::size_t i = 0; i < old.size(); ++i) {
    const http::Field& field = old[i];
    if (field.dropped || field.kind == FieldKind::age) continue;
    if (field.kind == FieldKind::date && !has_updated(update, field)) continue;
    if (!has_updated(update, field)) out.push_back({field.name(), field.value(), field.kind});
    else if (!named_before(old, i)) append_updated(update, field, out);
  }
  for (std::size_t i = 0; i < update.size(); ++i) {
    const auto same = [&](const http::Field& field) { return !field.dropped && same_name(field, update[i]); };
    if (!updates(update[i]) || std::ranges::any_of(old, same)) continue;
    out.push_back({update[i].name(), update[i].value(), update[i].kind});
  }
}

bool head_outdates(const http::Response& head, const http::Response& stored) noexcept {
  if (head.status != 200) return false;
  const auto differ = [&](FieldKind kind) {
    const std::string_view now = value_of(head.fields, kind), then = value_of(stored.fields, kind);
    return !now.empty() && !then.empty() && now != then;
  };
  if (const http::EntityTag tag = tag_of(head), own = tag_of(stored); !tag.empty() && !own.empty() && !http::weakly_equal(tag, own)) {
    return true;
  }
  return differ(FieldKind::last_modified) || differ(FieldKind::content_length);
}

Evaluated evaluate(const http::Request& request, const http::Response& stored, std::int64_t response_ms) noexcept {
  const std::int64_t now = response_ms / 1000;
  const bool get = request.method == http::Method::get, head = request.method == http::Method::head;
  // RFC 9110 13.2.1: conditions are about representations, not about redirects and errors.
  if ((!get && !head) || stored.status < 200 || stored.status > 299) return {};
  if (!unmodified_as_asked(request.fields, stored, now)) return {Precondition::failed, false};
  if (client_has_it(request, stored, now)) return {Precondition::not_modified, false};
  return {Precondition::send, get && request.fields.has(FieldKind::range) && range_still_meant(request, stored, now)};
}

void make_not_modified(http::Response& response) noexcept {
  const bool tagged = response.fields.has(FieldKind::etag);
  response.status = 304;
  response.reason = http::status_reason(304);
  response.body = {};
  for (http::Field& field : response.fields.all()) {
    switch (field.kind) {
      case FieldKind::content_length:
      case FieldKind::content_type:
      case FieldKind::content_encoding:
      case FieldKind::content_range: field.dropped = true; break;
      case FieldKind::last_modified: field.dropped |= tagged; break;
      case FieldKind::other: field.dropped |= describes_content(field.name()); break;
      default: break;
    }
  }
}

bool has_strong_validator(const http::Response& response) noexcept {
  const http::EntityTag tag = tag_of(response);
  return tag.empty() ? strong_date(response) : tag.strong();
}

bool same_strong_validator(const http::Response& a, const http::Response& b) noexcept {
  const http::EntityTag of_a = tag_of(a), of_b = tag_of(b);
  if (!of_a.empty() || !of_b.empty()) return http::strongly_equal(of_a, of_b);
  return strong_date(a) && strong_date(b) && value_of(a.fields, FieldKind::last_modified) == value_of(b.fields, FieldKind::last_modified);
}

}  // namespace gatehouse::cache
