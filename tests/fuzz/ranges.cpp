// Ranges: what is resolved lies in the representation, in order; Content-Range survives a round trip; parts behave like a bitmap.
#include <array>
#include <bitset>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gateway/cache/partial.hpp"

using namespace gatehouse;

namespace {

constexpr std::uint64_t small = 256;

void check(bool good) {
  if (!good) std::abort();
}

/// The texts around the parts are as long as they were announced to be.
void check_multipart(const http::ByteRanges& ranges, std::uint64_t length) {
  if (ranges.size == 0) return;
  cache::PartHead head{"0123456789abcdef", "text/plain", {}, length, true};
  const cache::MultipartSize size = cache::multipart_size(head, ranges);
  std::uint64_t texts = cache::last_delimiter_size(head.boundary), content = 0;
  for (const http::ByteRange range : ranges.all()) {
    head.range = range;
    std::vector<char> text(cache::part_head_size(head));
    cache::write_part_head(head, text);
    texts += text.size();
    content += range.size();
    head.first = false;
  }
  check(content <= length && size.texts == texts && size.total == texts + content);
}

void check_range(std::string_view text, std::uint64_t length) {
  const auto specs = http::parse_range(text);
  if (!specs) return;
  check(specs->size != 0 && specs->size <= http::ranges_max);
  const http::ByteRanges ranges = http::resolve(*specs, length);
  for (std::size_t i = 0; i < ranges.size; ++i) {
    const http::ByteRange range = ranges.ranges[i];
    check(range.first < range.end && range.end <= length);
    for (std::size_t k = 0; k < i; ++k) check(range.end < ranges.ranges[k].first || ranges.ranges[k].end < range.first);
  }
  check_multipart(ranges, length);
}

void check_content_range(std::string_view text) {
  const auto range = http::parse_content_range(text);
  if (!range) return;
  std::array<char, http::content_range_size> out;
  const auto again = http::parse_content_range(http::write_content_range(*range, out));
  check(again && again->range == range->range && again->length == range->length);
}

/// Two bytes a part: where it begins and how long it is.
void check_parts(std::string_view text) {
  std::vector<http::ByteRange> parts, gaps;
  std::bitset<small> map;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::uint64_t first = static_cast<unsigned char>(text[i]);
    const std::uint64_t end = std::min(small, first + static_cast<unsigned char>(text[i + 1]) % 32);
    cache::add_part(parts, {first, end});
    for (std::uint64_t at = first; at < end; ++at) map.set(at);
  }
  cache::missing(parts, {0, small}, gaps);
  for (const http::ByteRange gap : gaps) {
    for (std::uint64_t at = gap.first; at < gap.end; ++at) {
      check(!map.test(at));
      map.set(at);
    }
    check(!cache::holds(parts, gap));
  }
  check(map.all());
  for (const http::ByteRange part : parts) check(cache::holds(parts, part));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::uint64_t length = (std::uint64_t{data[0]} << data[1] % 56) + data[1];
  check_range(text, length);
  check_range("bytes=" + text, length);
  check_content_range(text);
  check_content_range("bytes " + text);
  check_parts(text);
  return 0;
}
