// Partial content: what of a Range can be answered from what is stored, what is missing, and how a 206 looks
// (RFC 9110 14, 15.3.7; RFC 9111 3.3, 3.4). Stored parts are ByteRanges in ascending order that neither overlap nor touch.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/http/message.hpp"
#include "gateway/http/ranges.hpp"

namespace gatehouse::cache {

enum class RangeAnswer : std::uint8_t { whole, one_part, many_parts, unsatisfiable };

struct Cut {
  RangeAnswer answer{RangeAnswer::whole};
  http::ByteRanges ranges;  // one_part, many_parts
};

/// What a GET for a representation of `length` bytes gets: the whole when it has no Range or one that is ignored. Whoever calls
/// has checked If-Range and the other conditions (validation.hpp). Only for a stored status 200 or 206.
Cut cut(const http::Request& request, std::uint64_t length) noexcept;

/// The part that a 206 has: its Content-Range, if the response also says how long the whole is and its own length agrees.
struct Part {
  http::ByteRange range;
  std::uint64_t whole_length{0};
};
std::optional<Part> part_of(const http::Response& response) noexcept;

/// Whether the parts hold all of `wanted`.
bool holds(std::span<const http::ByteRange> parts, http::ByteRange wanted) noexcept;
/// The runs of `wanted` that the parts do not hold, written over `out`.
void missing(std::span<const http::ByteRange> parts, http::ByteRange wanted, std::vector<http::ByteRange>& out);
/// Adds a part; joins it with those it overlaps or touches.
void add_part(std::vector<http::ByteRange>& parts, http::ByteRange part);

/// RFC 9111 3.4: whether content of a new 206 may be put beside stored content: same strong validator, same whole length.
bool may_join(const http::Response& stored, std::uint64_t stored_length, const http::Response& fresh) noexcept;

/// The If-Range value with which missing parts are asked for: the strong tag or the strong date of the stored response;
/// empty when it has none, and then parts are never joined.
std::string_view if_range_for(const http::Response& stored) noexcept;

/// Makes the head of a stored response that of a 206 with one part: status, body length, no stored Content-Length or
/// Content-Range. The caller adds `content_range`, which is in `out`.
std::string_view make_partial(http::Response& response, const Part& part, std::span<char, http::content_range_size> out) noexcept;
/// Makes it that of a 206 whose content is multipart/byteranges (RFC 9110 15.3.7.2), `size` bytes of it. The caller adds the
/// Content-Type, which names the boundary.
void make_multipart(http::Response& response, std::uint64_t size) noexcept;
/// The same for 416: `bytes */length`.
std::string_view make_unsatisfiable(http::Response& response, std::uint64_t length, std::span<char, http::content_range_size> out) noexcept;

/// What of a multipart/byteranges body stands before a part: delimiter, Content-Type, Content-Range and the empty line.
struct PartHead {
  std::string_view boundary;
  std::string_view content_type;  // of the stored response; may be empty
  http::ByteRange range;
  std::uint64_t whole_length{0};
  bool first{false};
};
/// Bytes of a part head, and the head itself written to `out`, which has that size.
std::size_t part_head_size(const PartHead& head) noexcept;
void write_part_head(const PartHead& head, std::span<char> out) noexcept;
/// Length of the closing delimiter: CR LF -- boundary -- CR LF.
constexpr std::size_t last_delimiter_size(std::string_view boundary) noexcept { return boundary.size() + 8; }

/// How long a multipart/byteranges content is: all that stands around the parts, and the whole of it.
struct MultipartSize {
  std::uint64_t texts{0};
  std::uint64_t total{0};
};
/// `head` says boundary, type and length; its range is not looked at.
MultipartSize multipart_size(PartHead head, const http::ByteRanges& ranges) noexcept;
/// Whether so many parts are worth more than the whole: many tiny ones are not (RFC 9110 17.15).
constexpr bool worth_parts(std::size_t parts, std::uint64_t total, std::uint64_t whole_length) noexcept {
  return parts <= http::unordered_ranges_max || total < whole_length;
}

}  // namespace gatehouse::cache
