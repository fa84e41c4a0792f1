// Byte ranges: the Range field of a request (RFC 9110 14.2), what of it a representation of a known length can satisfy, and
// Content-Range (14.4). A Range that is malformed, of another unit, or abusive is ignored, as the RFC allows: the client then
// gets the whole. Abusive is more than ranges_max ranges, more than two that overlap, or more than a few that are not in
// ascending order (RFC 9110 14.2, 17.15): small requests must not make large replies (CVE-2011-3192). Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::http {

inline constexpr std::size_t ranges_max = 16;
inline constexpr std::size_t unordered_ranges_max = 4;
inline constexpr std::uint64_t to_the_end = ~std::uint64_t{0};

/// The bytes from `first` up to but without `end`.
struct ByteRange {
  std::uint64_t first{0};
  std::uint64_t end{0};
  std::uint64_t size() const noexcept { return end - first; }
  bool holds(ByteRange other) const noexcept { return first <= other.first && other.end <= end; }
  bool operator==(const ByteRange&) const = default;
};

/// One range as a client asks for it: `first-last`, `first-` (last is to_the_end) or `-last` (the last so many bytes).
struct RangeSpec {
  std::uint64_t first{0};
  std::uint64_t last{to_the_end};
  bool suffix{false};
  bool operator==(const RangeSpec&) const = default;
};

struct RangeSpecs {
  std::array<RangeSpec, ranges_max> specs;
  std::size_t size{0};
  std::span<const RangeSpec> all() const noexcept { return {specs.data(), size}; }
};

/// The ranges of a Range value; nothing when it is to be ignored.
std::optional<RangeSpecs> parse_range(std::string_view value) noexcept;

struct ByteRanges {
  std::array<ByteRange, ranges_max> ranges;
  std::size_t size{0};
  bool ignored{false};  // send the whole
  std::span<const ByteRange> all() const noexcept { return {ranges.data(), size}; }
  /// RFC 9110 15.5.17: none of the ranges lies within the representation.
  bool unsatisfiable() const noexcept { return size == 0 && !ignored; }
};

/// What the ranges are of a representation of `length` bytes, in the order in which they were asked for. Those beyond its end are
/// left out, and those that overlap or touch are one, where the first of them stood (RFC 9110 15.3.7.2).
ByteRanges resolve(const RangeSpecs& specs, std::uint64_t length) noexcept;

/// `bytes first-last/length`, with `*` for what is unknown or unsatisfied.
struct ContentRange {
  std::optional<ByteRange> range;
  std::optional<std::uint64_t> length;
};

/// Nothing when it is malformed or contradicts itself.
std::optional<ContentRange> parse_content_range(std::string_view value) noexcept;

inline constexpr std::size_t content_range_size = 72;  // three numbers of 20 digits and `bytes -/`
/// Writes a Content-Range value; the view is of `out`.
std::string_view write_content_range(const ContentRange& range, std::span<char, content_range_size> out) noexcept;
/// Writes a Range value for one range: `bytes=first-last`, or `bytes=first-` when `end` is to_the_end.
std::string_view write_range(ByteRange range, std::span<char, content_range_size> out) noexcept;

}  // namespace gatehouse::http
