// Points in time as people write them on a command line. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::cli {

/// `90s`, `15m`, `1h`, `7d` from `now_s` on, `2026-12-24T18:00:00Z` (RFC 3339, any offset), or seconds of Unix time.
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_s);

}  // namespace gatehouse::cli
