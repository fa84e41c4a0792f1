#include "gateway/cache/freshness.hpp"

#include <algorithm>

#include "gateway/http/cache_control.hpp"
#include "gateway/http/date.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

using enum FreshnessFlag;

/// Whether nothing in the response allows stale use, whatever the windows say.
bool never_stale(const Freshness& freshness) noexcept {
  return freshness.has(no_cache) || freshness.has(must_revalidate) || freshness.has(validate_only);
}

bool within(const Freshness& freshness, std::int64_t now_ms, std::uint32_t window_s) noexcept {
  return window_s != 0 && freshness.age_ms(now_ms) < (std::int64_t{freshness.lifetime_s} + window_s) * 1000;
}

}  // namespace

std::uint32_t Freshness::age_s(std::int64_t now_ms) const noexcept {
  return static_cast<std::uint32_t>(std::min<std::int64_t>(age_ms(now_ms) / 1000, http::delta_max));
}

bool stale_while_revalidate(const Freshness& freshness, std::int64_t now_ms) noexcept {
  return !never_stale(freshness) && within(freshness, now_ms, freshness.stale_while_revalidate_s);
}

bool stale_in_trouble(const Freshness& freshness, std::int64_t now_ms, Trouble trouble) noexcept {
  if (never_stale(freshness)) return false;
  if (within(freshness, now_ms, freshness.stale_if_error_s)) return true;
  if (freshness.has(stale_bounded)) return false;
  return freshness.has(trouble == Trouble::unreachable ? stale_on_dead_origin : stale_on_error);
}

std::int64_t useless_after_ms(const Freshness& freshness) noexcept {
  if (never_stale(freshness)) return freshness.expires_ms();
  const bool unbounded = freshness.has(stale_on_dead_origin) || freshness.has(stale_on_error);
  if (unbounded && !freshness.has(stale_bounded)) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t window = std::max(freshness.stale_while_revalidate_s, freshness.stale_if_error_s);
  return freshness.expires_ms() + window * 1000;
}

std::uint32_t age_value(const http::FieldList& fields) noexcept {
  const http::Field* const field = fields.first(http::FieldKind::age);
  if (field == nullptr) return 0;
  const std::string_view value = field->value();
  return http::parse_delta(http::trim(value.substr(0, value.find_first_of(",;")))).value_or(0);
}

std::int64_t initial_age_ms(const http::FieldList& fields, Times times) noexcept {
  std::int64_t apparent_age = 0;
  if (const http::Field* const date = fields.first(http::FieldKind::date)) {
    const auto seconds = http::parse_date(date->value(), times.response_ms / 1000);
    if (seconds) apparent_age = std::max<std::int64_t>(0, times.response_ms - (*seconds * 1000 + 999));
  }
  const std::int64_t response_delay = std::max<std::int64_t>(0, times.response_ms - times.request_ms);
  return std::max(apparent_age, std::int64_t{age_value(fields)} * 1000 + response_delay);
}

}  // namespace gatehouse::cache
