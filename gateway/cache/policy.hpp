// What a cache policy of the configuration is compiled to: everything the decisions of this folder ask for, for both
// profiles. `rfc9111` is a shared cache as the standard describes it; `cloudfront` follows what Amazon documents: its own
// lifetimes, a key of listed parts, errors kept for a while, Vary ignored. Plain data, made once with the snapshot, then
// shared by all workers and never changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/field.hpp"

namespace gatehouse::cache {

using std::chrono::seconds;

enum class Profile : std::uint8_t { rfc9111, cloudfront };

/// When a response with Set-Cookie may be stored (profile rfc9111). A shared cookie is a shared session.
enum class SetCookieRule : std::uint8_t {
  with_freshness,         // any explicit lifetime
  with_shared_freshness,  // public, s-maxage or a targeted field: the origin has thought of shared caches
  strip,                  // store, but without the field
  never,
};

/// Which names of a kind (header, cookie, query parameter) a list selects.
enum class Selection : std::uint8_t { none, all, listed, all_but_listed };

struct NameList {
  Selection selection{Selection::none};
  std::vector<std::string> names;  // headers in lower case; cookies and parameters as they are

  /// Whether the list selects a name; `name` in the letter case of `names`.
  bool selects(std::string_view name) const noexcept;
};

/// How long a response of that status is kept although it says nothing, or less.
struct StatusTtl {
  std::uint16_t status{0};
  seconds ttl{0};
};

/// Lifetimes and key of the CloudFront profile; defaults are Amazon's.
struct CloudFrontRules {
  seconds min_ttl{0};
  seconds default_ttl{86400};
  seconds max_ttl{31536000};
  seconds error_ttl{10};                // for statuses without an entry in `negative`
  NameList headers;                     // in the key and sent to the origin
  NameList cookies;
  NameList query_strings;
  NameList forwarded;                   // headers that an origin request policy sends beside those of the key
  bool cookies_forwarded{false};        // it also sends cookies that are not in the key
  bool accept_encoding_gzip{false};     // the normalised Accept-Encoding is in the key
  bool accept_encoding_brotli{false};
  bool options_cached{false};           // OPTIONS beside GET and HEAD

  bool caching_disabled() const noexcept { return min_ttl.count() == 0 && default_ttl.count() == 0 && max_ttl.count() == 0; }
};

struct Policy {
  std::string name;
  Profile profile{Profile::rfc9111};

  // profile rfc9111
  std::vector<std::string> targeted_fields{"cdn-cache-control"};  // the first that is there and sound decides (RFC 9213)
  std::uint32_t heuristic_percent{10};  // of the time since Last-Modified (RFC 9111 4.2.2); 0: no heuristics
  seconds heuristic_max{86400};
  bool honour_request_directives{false};  // no-cache, max-age, ... of clients: off, as they are a lever to bust the cache
  SetCookieRule set_cookie{SetCookieRule::with_freshness};
  seconds stale_while_revalidate{0};  // where the response names no window
  seconds stale_if_error{0};
  bool stale_on_dead_origin{true};    // RFC 9111 4.2.4: disconnected
  bool windows_beat_s_maxage{false};  // an explicit window counts beside s-maxage, which otherwise forbids stale use

  // both
  std::vector<StatusTtl> negative;    // rfc9111: opt-in lifetime where there is none; cloudfront: error TTL by status
  std::chrono::milliseconds stale_deadline{0};  // stale after so long without an origin's head; 0: never
  std::uint16_t variants_max{32};
  CloudFrontRules cloudfront;

  /// The entry of `negative` for a status, or `otherwise`.
  seconds negative_ttl(std::uint16_t status, seconds otherwise) const noexcept;
};

/// Whether a request header that Vary names cannot make two clients of this policy differ: it is in the key, never sent to
/// the origin, or the gateway's own. Only asked in the cloudfront profile, where Vary is not part of the key; `name` in lower
/// case.
bool vary_name_is_safe(const CloudFrontRules& rules, std::string_view name) noexcept;

}  // namespace gatehouse::cache
