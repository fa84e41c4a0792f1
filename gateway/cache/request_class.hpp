// What a request means to the cache before anything is looked up: whether it may be answered from it, whether its response
// may go into it, and what else the lookup must know. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/cache/freshness.hpp"
#include "gateway/cache/policy.hpp"
#include "gateway/http/cache_control.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// Why a request goes past the lookup. The response to a POST may be stored all the same (RFC 9110 9.3.3).
enum class Bypass : std::uint8_t { none, disabled, method, content, no_store, upgrade };

/// Short text for logs and Cache-Status.
std::string_view text(Bypass bypass) noexcept;

struct RequestClass {
  Bypass bypass{Bypass::none};
  bool head{false};             // answered from a stored GET, without content
  bool unsafe{false};           // a good answer invalidates (invalidation.hpp)
  bool may_store{false};        // GET; POST, if the response says so; in the cloudfront profile OPTIONS where it is cached
  bool collapsible{false};      // may wait for another request's response
  bool only_if_cached{false};   // RFC 9111 5.2.1.7: 504 instead of asking the origin
  bool must_validate{false};    // the client asks for it, and the policy lets it
  bool has_range{false};        // a Range that is not to be ignored
  bool conditional{false};      // any If-... field
  // The client's wishes; no_delta unless the policy honours them.
  std::uint32_t max_age{http::no_delta};
  std::uint32_t min_fresh{http::no_delta};
  std::uint32_t max_stale{http::no_delta};
};

RequestClass classify(const Policy& policy, const http::Request& request) noexcept;

/// RFC 9110 9.2.1: whether a method is known to be safe. Unknown ones are not.
bool safe_method(const http::Request& request) noexcept;

/// Whether a stored response may be used for the request without asking the origin: it is fresh and what the client wishes
/// (RFC 9111 5.2.1.1 to 5.2.1.4) holds, or it is stale within the client's max-stale and nothing forbids stale use.
bool usable(const RequestClass& wishes, const Freshness& freshness, std::int64_t now_ms) noexcept;

}  // namespace gatehouse::cache
