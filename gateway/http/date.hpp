// HTTP dates (RFC 9110 5.6.7): written as IMF-fixdate, read in all three formats that recipients must know. Pure but
// for the cached text of the present second, which is the calling thread's own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::http {

inline constexpr std::size_t date_size = 29;  // Sun, 06 Nov 1994 08:49:37 GMT

/// Writes seconds since 1970 as IMF-fixdate. Years 1 to 9999.
void write_date(std::int64_t seconds, std::span<char, date_size> out) noexcept;

/// The date of a wall clock in nanoseconds since 1970, made once a second. The view stays valid and of the same size
/// as long as the thread lives, but its text moves on with a later call: fine for a head on its way out.
std::string_view date_now(std::uint64_t wall_ns) noexcept;

/// Seconds since 1970 of a date in IMF-fixdate, RFC 850 or asctime format; nothing when it is none of them. `now`
/// decides the century of RFC 850's two-digit year: it is never more than 50 years ahead (RFC 9110 5.6.7). Letter case is
/// ignored, as RFC 9111 4.2 asks of caches; nothing else is forgiven.
std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept;

}  // namespace gatehouse::http
