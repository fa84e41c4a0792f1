// How old a stored response is and how long it may be used (RFC 9111 4.2): 32 plain bytes that live in the stored object.
// They are computed once when the response is stored (storing.hpp); everything here is arithmetic with the time given.
// Wall time in milliseconds since 1970. Pure; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "gateway/http/field.hpp"

namespace gatehouse::cache {

/// When the request was sent and when the response's head arrived.
struct Times {
  std::int64_t request_ms{0};
  std::int64_t response_ms{0};
};

enum class FreshnessFlag : std::uint16_t {
  explicit_lifetime = 1,
  heuristic = 2,
  no_cache = 4,            // every use needs a validation first
  must_revalidate = 8,     // never used stale: must-revalidate, proxy-revalidate or s-maxage
  immutable = 16,          // RFC 8246: a client's reload need not be passed on while fresh
  validate_only = 32,      // has no lifetime at all: kept for its validator, never used stale
  stale_on_dead_origin = 64,  // may be used stale without bound while the origin cannot be reached
  stale_on_error = 128,       // the same while it answers with a server error (cloudfront)
  stale_bounded = 256,        // the response names its own stale-if-error: that window alone decides
  policy_lifetime = 512,      // the lifetime is the policy's, not the response's (cloudfront)
  // Not of time, but kept with it: what was done to the response before it was stored.
  compressed = 1024,          // its content is ours, made of the origin's
  tag_weakened = 2048,        // the W/ of its tag is ours: the origin knows the tag without
};

struct Freshness {
  std::int64_t response_ms{0};      // when the response came
  std::int64_t born_ms{0};          // response time - corrected initial age (RFC 9111 4.2.3)
  std::uint32_t lifetime_s{0};
  std::uint32_t stale_while_revalidate_s{0};
  std::uint32_t stale_if_error_s{0};
  std::uint16_t flags{0};

  bool has(FreshnessFlag flag) const noexcept { return (flags & static_cast<std::uint16_t>(flag)) != 0; }
  void set(FreshnessFlag flag) noexcept { flags = static_cast<std::uint16_t>(flags | static_cast<std::uint16_t>(flag)); }

  /// Never negative: a clock that was set back does not make a response younger than new.
  std::int64_t age_ms(std::int64_t now_ms) const noexcept { return now_ms > born_ms ? now_ms - born_ms : 0; }
  /// What the Age field says; saturates at 2^31.
  std::uint32_t age_s(std::int64_t now_ms) const noexcept;
  std::int64_t expires_ms() const noexcept { return born_ms + std::int64_t{lifetime_s} * 1000; }
  /// Whether it may be used without asking the origin. False for no-cache.
  bool fresh(std::int64_t now_ms) const noexcept {
    return !has(FreshnessFlag::no_cache) && age_ms(now_ms) < std::int64_t{lifetime_s} * 1000;
  }
  /// Freshness that is left; negative once it is stale.
  std::int64_t ttl_ms(std::int64_t now_ms) const noexcept { return std::int64_t{lifetime_s} * 1000 - age_ms(now_ms); }
};
static_assert(sizeof(Freshness) == 32 && std::is_trivially_copyable_v<Freshness>);

/// Why the origin gave no usable answer.
enum class Trouble : std::uint8_t { unreachable, server_error };

/// RFC 5861 3: whether a stale response may be sent now while it is validated in the background. Also right for a response
/// that is fresh by the clock and was purged softly.
bool stale_while_revalidate(const Freshness& freshness, std::int64_t now_ms) noexcept;

/// RFC 9111 4.2.4, RFC 5861 4: whether a stale response may stand in for an answer that the origin could not give.
bool stale_in_trouble(const Freshness& freshness, std::int64_t now_ms, Trouble trouble) noexcept;

/// Until when any stale use is allowed; the largest time when there is no bound, expires_ms() when none is. For eviction.
std::int64_t useless_after_ms(const Freshness& freshness) noexcept;

/// The Age that a response came with (RFC 9111 5.1): first line, first list member, parameters ignored; 0 when it is no
/// number; saturated at 2^31.
std::uint32_t age_value(const http::FieldList& fields) noexcept;

/// The corrected initial age in milliseconds (RFC 9111 4.2.3). The date tells the second only, so a response counts as no
/// older than it must be.
std::int64_t initial_age_ms(const http::FieldList& fields, Times times) noexcept;

}  // namespace gatehouse::cache
