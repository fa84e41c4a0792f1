#include "gateway/http/ranges.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// A number of digits only. One that 64 bits cannot hold is beyond any representation: it saturates below to_the_end, so that
/// it can be added to without wrapping.
std::optional<std::uint64_t> number(std::string_view text) noexcept {
  constexpr std::uint64_t largest = std::uint64_t{1} << 62;
  if (text.empty() || !all_chars(text, char_digit)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + static_cast<std::uint64_t>(c - '0'), largest);
  return value;
}

/// The size of the unit `bytes` and what parts it from the ranges; 0 for another unit. Units ignore letter case.
std::size_t unit_size(std::string_view value, char separator) noexcept {
  constexpr std::string_view unit = "bytes";
  const bool known = value.size() > unit.size() && starts_with_ignoring_case(value, unit) && value[unit.size()] == separator;
  return known ? unit.size() + 1 : 0;
}

std::optional<RangeSpec> parse_spec(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, dash), after = text.substr(dash + 1);
  RangeSpec spec;
  spec.suffix = before.empty();
  if (!after.empty() || spec.suffix) {
    const auto last = number(after);
    if (!last) return std::nullopt;
    spec.last = *last;
  }
  if (spec.suffix) return spec;
  const auto first = number(before);
  if (!first || *first > spec.last) return std::nullopt;  // RFC 9110 14.1.1: such a range makes the whole field invalid
  spec.first = *first;
  return spec;
}

/// The bytes of one range; an empty one when the representation has none of them.
ByteRange resolve(const RangeSpec& spec, std::uint64_t length) noexcept {
  if (spec.suffix) return {length - std::min(spec.last, length), length};
  if (spec.first >= length) return {};
  return {spec.first, spec.last >= length ? length : spec.last + 1};
}

/// Adds a range behind the others, or, joined with all that it overlaps or touches, where the first of those stands. Whether it
/// overlapped one.
bool coalesce(ByteRanges& out, ByteRange range) noexcept {
  ByteRange joined = range;
  std::size_t kept = 0;
  std::size_t place = ranges_max;
  bool overlapped = false;
  for (std::size_t i = 0; i < out.size; ++i) {
    const ByteRange other = out.ranges[i];
    if (other.end < range.first || range.end < other.first) {
      out.ranges[kept++] = other;
      continue;
    }
    overlapped = overlapped || (other.first < range.end && range.first < other.end);
    joined = {std::min(joined.first, other.first), std::max(joined.end, other.end)};
    if (place == ranges_max) place = kept++;
  }
  if (place == ranges_max) place = kept++;
  out.ranges[place] = joined;
  out.size = kept;
  return overlapped;
}

char* put(char* at, std::uint64_t value) noexcept { return std::to_chars(at, at + 20, value).ptr; }
char* put(char* at, std::string_view text) noexcept { return std::ranges::copy(text, at).out; }

}  // namespace

std::optional<RangeSpecs> parse_range(std::string_view value) noexcept {
  const std::size_t unit = unit_size(value, '=');
  if (unit == 0) return std::nullopt;
  RangeSpecs specs;
  for (ListItems items(value.substr(unit)); items.next();) {
    const auto spec = parse_spec(items.item());
    if (!spec || specs.size == ranges_max) return std::nullopt;
    specs.specs[specs.size++] = *spec;
  }
  if (specs.size == 0) return std::nullopt;
  return specs;
}

ByteRanges resolve(const RangeSpecs& specs, std::uint64_t length) noexcept {
  ByteRanges out;
  out.ignored = length == 0;  // Content-Range cannot tell of no bytes
  if (out.ignored) return out;
  unsigned overlaps = 0;
  bool ascending = true;
  std::uint64_t last = 0;
  for (const RangeSpec& spec : specs.all()) {
    const ByteRange range = resolve(spec, length);
    if (range.size() == 0) continue;
    ascending = ascending && range.first >= last;
    last = range.first;
    overlaps += coalesce(out, range) ? 1 : 0;
  }
  if (overlaps > 1 || (!ascending && specs.size > unordered_ranges_max)) {
    out.ignored = true;
    out.size = 0;
  }
  return out;
}

std::optional<ContentRange> parse_content_range(std::string_view value) noexcept {
  const std::size_t unit = unit_size(value, ' ');
  if (unit == 0) return std::nullopt;
  const std::string_view text = trim(value.substr(unit));
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ContentRange out;
  if (const std::string_view length = text.substr(slash + 1); length != "*") {
    out.length = number(length);
    if (!out.length) return std::nullopt;
  }
  const std::string_view range = text.substr(0, slash);
  if (range == "*") return out.length ? std::optional(out) : std::nullopt;
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number(range.substr(0, dash)), last = number(range.substr(dash + 1));
  // RFC 9110 14.4: invalid when the last position is before the first or not before the length.
  if (!first || !last || *last < *first || (out.length && *last >= *out.length)) return std::nullopt;
  out.range = ByteRange{*first, *last + 1};
  return out;
}

std::string_view write_content_range(const ContentRange& range, std::span<char, content_range_size> out) noexcept {
  char* at = put(out.data(), "bytes ");
  if (range.range) {
    at = put(put(put(at, range.range->first), "-"), range.range->end - 1);
  } else {
    at = put(at, "*");
  }
  at = put(at, "/");
  at = range.length ? put(at, *range.length) : put(at, "*");
  return {out.data(), at};
}

std::string_view write_range(ByteRange range, std::span<char, content_range_size> out) noexcept {
  char* at = put(put(put(out.data(), "bytes="), range.first), "-");
  if (range.end != to_the_end) at = put(at, range.end - 1);
  return {out.data(), at};
}

}  // namespace gatehouse::http
