#include "gateway/cache/stored_fields.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/http/list.hpp"

namespace gatehouse::cache {
namespace {

using enum http::FieldKind;

/// RFC 9111 3.1: what belongs to one hop; and what is made anew for each reuse.
constexpr http::FieldKinds never_stored(connection, keep_alive, proxy_connection, te, transfer_encoding, upgrade,
                                        http2_settings, proxy_authenticate, proxy_authorization, proxy_authentication_info, age);

}  // namespace

void fields_to_store(const http::Response& response, const Storing& storing, std::vector<StoredField>& out) {
  const http::CacheControl& control = storing.control;
  const bool named = !control.no_cache_fields.empty() || !control.private_fields.empty();
  out.clear();
  for (const http::Field& field : response.fields.all()) {
    if (field.dropped || never_stored.has(field.kind)) continue;
    if (field.kind == set_cookie && storing.strip_set_cookie) continue;
    // RFC 9111 5.2.2.4: a field that no-cache names needs a validation before each use, so it is not worth its place.
    if (named && (names_field(control.no_cache_fields, field.name()) || names_field(control.private_fields, field.name()))) continue;
    out.push_back({field.name(), field.value(), field.kind});
  }
}

bool lacks_date(std::span<const StoredField> fields) noexcept {
  return std::ranges::find(fields, date, &StoredField::kind) == fields.end();
}

std::string_view age_text(const Freshness& freshness, std::int64_t now_ms, std::span<char, age_text_size> out) noexcept {
  const char* const end = std::to_chars(out.data(), out.data() + out.size(), freshness.age_s(now_ms)).ptr;
  return {out.data(), end};
}

bool names_field(std::string_view names, std::string_view name) noexcept { return !names.empty() && http::list_has(names, name); }

}  // namespace gatehouse::cache
