// Which responses are compressed before they are stored, and what their heads then say (aws-cloudfront: "Serving compressed
// files"; RFC 9110 8.4, 8.8.1, 12.5.5). Pure; views of the messages; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/cdn/accept_encoding.hpp"
#include "gateway/http/message.hpp"

namespace gatehouse::cdn {

inline constexpr std::uint64_t compressed_min = 1'000;       // bytes of content, as the origin announces them
inline constexpr std::uint64_t compressed_max = 10'000'000;

/// Whether content of that Content-Type gains from compression: one of Amazon's list, parameters and letter case ignored.
bool compressible_type(std::string_view content_type) noexcept;

/// Whether the response to `request` is to be compressed for clients that take one of `codings`: HTTP/1.1 or later, a
/// status of 200, 403 or 404, a Content-Length within the bounds, a type of the list, no coding on it already and nobody
/// who forbids it (RFC 9111 5.2.2.6).
bool may_compress(const http::Request& request, const http::Response& response, Codings codings) noexcept;

/// Makes the head that of the compressed content: Content-Encoding, Vary with Accept-Encoding, a weak tag in place of a
/// strong one (RFC 9110 8.8.1: the bytes are others), no malformed tag. What was said of the plain bytes goes:
/// Content-Length, digests, Accept-Ranges. The new lines are in `room`, which is written over. Also right for a head that
/// has been through it before. False when there is no place for the fields: then nothing has changed.
struct Marked {
  bool done{false};
  bool tag_weakened{false};  // from now on original_tag() is needed to speak to the origin
};
Marked mark_compressed(http::Response& response, Coding coding, std::string& room);

/// Gives a stored head whose tag was weakened the tag that the origin gave it, for validation.
void original_tag(http::Response& response) noexcept;

}  // namespace gatehouse::cdn
