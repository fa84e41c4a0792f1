// One member of Cache-Status (RFC 9211) that tells how this cache handled a request. It is added as a field line of its own
// behind those the origin sent, which is the same as appending it to their list. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::cache {

/// RFC 9211 2.2: why a request was forwarded; `none` for a hit.
enum class Forward : std::uint8_t { none, bypass, method, uri_miss, vary_miss, miss, request, stale, partial };

std::string_view text(Forward forward) noexcept;

struct CacheStatus {
  std::string_view cache{"gatehouse"};  // a token
  Forward forward{Forward::none};
  bool stored{false};
  bool collapsed{false};
  bool has_ttl{false};
  std::int64_t ttl_s{0};            // negative when stale
  std::uint16_t forward_status{0};  // what the origin answered, where it differs from what the client gets; 0: not said
  std::string_view key;             // shortened to key_max bytes; empty: not said
  std::string_view detail;          // a token: why not stored, ...; empty: not said
};

inline constexpr std::size_t status_key_max = 256;
inline constexpr std::size_t cache_status_size = 2 * status_key_max + 256;

/// Writes the member; the view is of `out`. `cache` and `detail` are at most 64 bytes long.
std::string_view write_cache_status(const CacheStatus& status, std::span<char, cache_status_size> out) noexcept;

}  // namespace gatehouse::cache
