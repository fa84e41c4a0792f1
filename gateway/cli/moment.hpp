// Points in time as people write them on a command line, and time that went by. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::cli {

/// `90s`, `15m`, `1h`, `7d` from `now_s` on, `2026-12-24T18:00:00Z` (RFC 3339, any offset), or seconds of Unix time.
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_s);

inline double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace gatehouse::cli
