// Cache directives of a message (RFC 9111 5.2), read once into plain values: from Cache-Control, leniently and over all its
// lines, or from a targeted field such as CDN-Cache-Control (RFC 9213), which is a strict dictionary. Where the text is wrong
// the reading is the one that reuses less (RFC 9111 4.2.1):
//
// - a number that is none counts as 0, one of 2^31 and more as 2^31 (RFC 9111 1.2.2); of several the first counts;
// - a directive that restricts counts whatever argument it has; one that permits counts only without one;
// - a quotation mark that is never closed makes the field `broken`: nobody knows which directives it hides.
//
// Pure; views of the message; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::http {

inline constexpr std::uint32_t delta_max = 2147483648U;    // RFC 9111 1.2.2: 2^31 stands for anything larger
inline constexpr std::uint32_t no_delta = 0xffffffffU;     // the directive is not there

/// Seconds of a delta-seconds text: digits only, saturated at delta_max; nothing when it is not that.
std::optional<std::uint32_t> parse_delta(std::string_view text) noexcept;

struct CacheControl {
  std::uint32_t max_age{no_delta};
  std::uint32_t s_maxage{no_delta};
  std::uint32_t stale_while_revalidate{no_delta};  // RFC 5861
  std::uint32_t stale_if_error{no_delta};
  std::uint32_t min_fresh{no_delta};               // of requests
  std::uint32_t max_stale{no_delta};               // of requests; delta_max when it came without a value
  bool present{false};         // any directive was read
  bool broken{false};
  bool no_cache{false};        // without field names
  bool no_store{false};
  bool private_{false};        // without field names
  bool public_{false};
  bool must_revalidate{false};
  bool proxy_revalidate{false};
  bool must_understand{false};
  bool immutable{false};       // RFC 8246
  bool no_transform{false};
  bool only_if_cached{false};
  std::string_view no_cache_fields;  // names of no-cache="a, b"; a second such directive makes it no_cache
  std::string_view private_fields;   // names of private="a, b"; likewise

  bool has_lifetime() const noexcept { return max_age != no_delta || s_maxage != no_delta; }
};

/// The directives of all Cache-Control lines.
CacheControl cache_control(const FieldList& fields) noexcept;

/// The directives of a targeted field; nothing when it is missing, empty or no dictionary, and then the next field of the
/// target list or Cache-Control decides (RFC 9213 2.2). A directive with a value of another type is as if it were not there.
std::optional<CacheControl> targeted_cache_control(const FieldList& fields, std::string_view name) noexcept;

}  // namespace gatehouse::http
