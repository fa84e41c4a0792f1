// Numbers, durations and sizes as people write them: `250ms 5s 1m 8h`, `16KiB 256MiB 10GB`, and back. Strict: no sign,
// no octal look-alike, no fraction where a whole number is meant, a unit wherever a quantity has one. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// Decimal digits without a leading zero.
std::optional<std::uint64_t> parse_whole(std::string_view text) noexcept;

/// Decimal digits with an optional fraction: 100, 12.5.
std::optional<double> parse_number(std::string_view text) noexcept;

/// A whole number with ms, s, m or h; a bare 0 needs no unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// A whole number with B, KB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (of 1024); a bare 0 needs no unit.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// The shortest form that parse_duration() reads back: 90s, 5m, 250ms.
std::string show_duration(std::chrono::milliseconds duration);

/// The shortest form that parse_size() reads back: 16KiB, 10GB, 1000B.
std::string show_size(std::uint64_t bytes);

}  // namespace gatehouse::config
