// The freshness of one response: lifetime, stale windows and flags by the rules of a profile. Used by judge() (storing.hpp),
// which everybody else calls. Pure; any thread.
#pragma once

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/policy.hpp"
#include "gateway/cache/storing.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// RFC 9111 4.2.1, 4.2.2, 4.2.4 and RFC 5861.
Freshness standard_freshness(const Policy& policy, const Directives& rules, const http::Response& response, Times times) noexcept;

/// Amazon's table: lifetimes clamped between MinTTL and MaxTTL, DefaultTTL where the origin says nothing, error TTLs.
Freshness cloudfront_freshness(const Policy& policy, const http::CacheControl& control, const http::Response& response,
                               Times times) noexcept;

/// RFC 9110 15.1: statuses that may be stored without an explicit lifetime.
bool heuristically_cacheable(std::uint16_t status) noexcept;

/// Statuses whose errors the cloudfront profile always keeps, and those it keeps if the origin gives a max-age.
bool always_cached_error(std::uint16_t status) noexcept;
bool cached_error_on_request(std::uint16_t status) noexcept;

}  // namespace gatehouse::cache
