// The transformations that spell bytes in another way: hexadecimal, digests, parity, length. Each writes to `out` and
// returns the size written. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::coding {

/// Two hexadecimal digits a byte, a last single one is dropped. Other characters are taken for digits, too, as in
/// ModSecurity v2, so garbage in gives garbage out. Room: in.size() / 2.
std::size_t hex_decode(std::string_view in, char* out) noexcept;
/// Room: 2 * in.size().
std::size_t hex_encode(std::string_view in, char* out) noexcept;
/// 0x and pairs of hexadecimal digits become those bytes. Room: in.size().
std::size_t sql_hex_decode(std::string_view in, char* out) noexcept;
/// The size as decimal text. Room: 20.
std::size_t length(std::string_view in, char* out) noexcept;
/// Raw digests. Room: 16 and 20.
std::size_t md5(std::string_view in, char* out) noexcept;
std::size_t sha1(std::string_view in, char* out) noexcept;
/// The eighth bit set or cleared so that the byte has an even or odd number of ones, or simply cleared. Room: in.size().
std::size_t parity_even(std::string_view in, char* out) noexcept;
std::size_t parity_odd(std::string_view in, char* out) noexcept;
std::size_t parity_zero(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::coding
