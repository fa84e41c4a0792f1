// May this response be stored, and how long may it be used (RFC 9111 3, 4.2; or Amazon's rules in the cloudfront profile)?
// Asked once a response's head is there, and again for the merged head after a 304. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/policy.hpp"
#include "gateway/http/cache_control.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// Why a response is not stored.
enum class Unstorable : std::uint8_t {
  none,
  disabled,           // the policy caches nothing
  method,
  request_no_store,
  interim,            // 1xx, 304 and other answers that are no representation
  status,             // not understood although it must be, or refused by the profile
  no_store,
  private_response,
  authorization,      // RFC 9111 3.5
  vary_all,           // Vary: *
  vary_unkeyed,       // cloudfront: Vary names what is neither in the key nor kept from the origin
  set_cookie,
  broken_directives,  // a Cache-Control that nobody can read for sure
  content_range,      // 206 whose Content-Range is missing, malformed, or contradicts the length; asked last, so
                      // that it is the only thing against the response
  no_lifetime,        // neither lifetime nor validator: it could never be used
};

/// Short text for logs and Cache-Status: `no-store`, `set-cookie`, ...
std::string_view text(Unstorable why) noexcept;

struct Storing {
  Unstorable why_not{Unstorable::none};
  bool strip_set_cookie{false};
  Freshness freshness;
  http::CacheControl control;  // what was obeyed: the targeted field's or Cache-Control's; views of the response

  bool may_store() const noexcept { return why_not == Unstorable::none; }
  /// It is stored only to be validated, and no two requests can share one answer without asking: waiters need not queue.
  bool never_fresh() const noexcept {
    return freshness.lifetime_s == 0 || freshness.has(FreshnessFlag::no_cache);
  }
};

/// A POST is judged as one whose response is for its own target: whoever stores it checks Content-Location with
/// post_answers_get() (invalidation.hpp).
Storing judge(const Policy& policy, const http::Request& request, const http::Response& response, Times times) noexcept;

/// The directives that bind this cache: the first sound targeted field, else Cache-Control.
struct Directives {
  http::CacheControl control;
  bool targeted{false};  // Cache-Control and Expires are then to be ignored (RFC 9213 2.2)
};
Directives directives(const Policy& policy, const http::FieldList& fields) noexcept;

}  // namespace gatehouse::cache
