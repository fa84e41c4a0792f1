// Base64 (RFC 4648, alphabet of section 4), decoded as tolerantly as attackers' tools are. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::text {

/// Decodes up to the first byte outside the alphabet; missing padding is fine. Room: in.size().
std::size_t base64_decode(std::string_view in, char* out) noexcept;
/// The same, but bytes outside the alphabet (= among them) are skipped. Room: in.size().
std::size_t base64_decode_forgiving(std::string_view in, char* out) noexcept;
/// With padding. Room: (in.size() + 2) / 3 * 4.
std::size_t base64_encode(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::text
