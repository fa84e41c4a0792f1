// MD5 (RFC 1321) and SHA-1 (FIPS 180-4) for the transformations of that name. Rules use them to make short keys; they
// protect nothing here, and no other part of the library may use them for that. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::filters::text {

std::array<std::uint8_t, 16> md5(std::string_view bytes) noexcept;
std::array<std::uint8_t, 20> sha1(std::string_view bytes) noexcept;

}  // namespace gatehouse::filters::text
