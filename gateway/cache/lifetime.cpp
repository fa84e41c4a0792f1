#include "gateway/cache/lifetime.hpp"

#include <algorithm>
#include <optional>

#include "gateway/http/date.hpp"

namespace gatehouse::cache {
namespace {

using enum FreshnessFlag;
using http::FieldKind;
using http::no_delta;

std::uint32_t clamped(std::int64_t value) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, http::delta_max));
}

/// The seconds of a date field, nothing when it is missing or malformed.
std::optional<std::int64_t> date_of(const http::FieldList& fields, FieldKind kind, Times times) noexcept {
  const http::Field* const field = fields.first(kind);
  return field == nullptr ? std::nullopt : http::parse_date(field->value(), times.response_ms / 1000);
}

/// RFC 9110 6.6.1: a response without a sound Date is dated by its arrival.
std::int64_t dated(const http::FieldList& fields, Times times) noexcept {
  return date_of(fields, FieldKind::date, times).value_or(times.response_ms / 1000);
}

std::size_t lines(const http::FieldList& fields, FieldKind kind) noexcept {
  return static_cast<std::size_t>(std::ranges::count(fields.all(), kind, &http::Field::kind));
}

/// Expires - Date (RFC 9111 4.2.1). RFC 9111 5.3: what is malformed is in the past; so are two lines, which contradict
/// each other.
std::int64_t until_expires(const http::FieldList& fields, Times times) noexcept {
  const auto expires = date_of(fields, FieldKind::expires, times);
  if (!expires || lines(fields, FieldKind::expires) != 1) return 0;
  return std::max<std::int64_t>(0, *expires - dated(fields, times));
}

/// The explicit lifetime that counts for a shared cache; nothing when the response has none.
std::optional<std::uint32_t> explicit_lifetime_of(const http::CacheControl& control, const http::Response& response, Times times,
                                                  bool expires_counts) noexcept {
  if (control.s_maxage != no_delta) return control.s_maxage;
  if (control.max_age != no_delta) return control.max_age;
  if (expires_counts && response.fields.has(FieldKind::expires)) return clamped(until_expires(response.fields, times));
  return std::nullopt;
}

/// RFC 9111 4.2.2: a part of the time since the last modification.
std::uint32_t heuristic_lifetime(const Policy& policy, const http::Response& response, Times times) noexcept {
  const auto modified = date_of(response.fields, FieldKind::last_modified, times);
  if (!modified) return 0;
  const std::int64_t unchanged = dated(response.fields, times) - *modified;
  return clamped(std::min<std::int64_t>(unchanged * policy.heuristic_percent / 100, policy.heuristic_max.count()));
}

Freshness aged(const http::Response& response, Times times) noexcept {
  Freshness freshness;
  freshness.response_ms = times.response_ms;
  freshness.born_ms = times.response_ms - initial_age_ms(response.fields, times);
  return freshness;
}

/// Whether the response forbids stale use (RFC 9111 4.2.4). s-maxage does, since it implies proxy-revalidate (5.2.2.10).
bool forbids_stale(const Policy& policy, const http::CacheControl& control) noexcept {
  if (control.must_revalidate || control.proxy_revalidate) return true;
  const bool window = control.stale_while_revalidate != no_delta || control.stale_if_error != no_delta;
  return control.s_maxage != no_delta && !(policy.windows_beat_s_maxage && window);
}

void set_stale_windows(Freshness& freshness, const Policy& policy, const http::CacheControl& control) noexcept {
  const bool names_swr = control.stale_while_revalidate != no_delta, names_sie = control.stale_if_error != no_delta;
  freshness.stale_while_revalidate_s =
      names_swr ? control.stale_while_revalidate : clamped(policy.stale_while_revalidate.count());
  freshness.stale_if_error_s = names_sie ? control.stale_if_error : clamped(policy.stale_if_error.count());
  if (names_sie) freshness.set(stale_bounded);
}

}  // namespace

bool heuristically_cacheable(std::uint16_t status) noexcept {
  switch (status) {
    case 200: case 203: case 204: case 206: case 300: case 301: case 308:
    case 404: case 405: case 410: case 414: case 501: return true;
    default: return false;
  }
}

bool always_cached_error(std::uint16_t status) noexcept {
  return status == 404 || status == 414 || (status >= 500 && status <= 504);
}

bool cached_error_on_request(std::uint16_t status) noexcept {
  // Amazon's list has 412 too. It answers the conditions of one client, so nobody else may have it.
  return status == 400 || status == 403 || status == 405 || status == 415;
}

Freshness standard_freshness(const Policy& policy, const Directives& rules, const http::Response& response, Times times) noexcept {
  const http::CacheControl& control = rules.control;
  Freshness freshness = aged(response, times);
  const auto given = explicit_lifetime_of(control, response, times, !rules.targeted);
  if (given) {
    freshness.lifetime_s = *given;
    freshness.set(explicit_lifetime);
  } else if (heuristically_cacheable(response.status) || control.public_) {
    freshness.lifetime_s = heuristic_lifetime(policy, response, times);
  }
  if (!given && freshness.lifetime_s == 0) {
    freshness.lifetime_s = clamped(policy.negative_ttl(response.status, seconds(0)).count());
  }
  if (!given) freshness.set(freshness.lifetime_s == 0 ? validate_only : heuristic);
  if (control.no_cache) freshness.set(no_cache);
  if (control.immutable) freshness.set(immutable);
  if (forbids_stale(policy, control)) freshness.set(must_revalidate);
  if (policy.stale_on_dead_origin) freshness.set(stale_on_dead_origin);
  set_stale_windows(freshness, policy, control);
  return freshness;
}

Freshness cloudfront_freshness(const Policy& policy, const http::CacheControl& control, const http::Response& response,
                               Times times) noexcept {
  const CloudFrontRules& rules = policy.cloudfront;
  const bool overridden = rules.min_ttl.count() > 0 && (control.no_cache || control.no_store || control.private_);
  Freshness freshness = aged(response, times);
  const auto given = explicit_lifetime_of(control, response, times, true);
  const std::int64_t capped = std::min<std::int64_t>(given.value_or(0), rules.max_ttl.count());
  const std::uint32_t said = clamped(given.value_or(0));
  if (response.status >= 400) {
    freshness.lifetime_s = clamped(std::max<std::int64_t>(capped, policy.negative_ttl(response.status, rules.error_ttl).count()));
  } else if (overridden) {
    freshness.lifetime_s = clamped(rules.min_ttl.count());
  } else {
    freshness.lifetime_s = clamped(std::max<std::int64_t>(given ? capped : rules.default_ttl.count(), rules.min_ttl.count()));
  }
  freshness.set(given ? explicit_lifetime : freshness.lifetime_s == 0 ? validate_only : heuristic);
  if (!given || freshness.lifetime_s != said) freshness.set(policy_lifetime);
  if (control.no_cache && !overridden && response.status < 400) freshness.set(no_cache);
  if (control.immutable) freshness.set(immutable);
  set_stale_windows(freshness, policy, control);
  // An expired copy stands in for a 5xx whatever the directives say, but for stale-if-error; a copy that is merely being
  // refreshed does not.
  if (control.must_revalidate || control.proxy_revalidate) freshness.stale_while_revalidate_s = 0;
  freshness.set(stale_on_dead_origin);
  freshness.set(stale_on_error);
  return freshness;
}

}  // namespace gatehouse::cache
