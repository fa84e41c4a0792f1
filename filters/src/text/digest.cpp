#include "text/digest.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace gatehouse::filters::text {

namespace {

using Block = std::array<std::uint8_t, 64>;

/// The words of a block; MD5 reads them little-endian, SHA-1 big-endian.
template <bool BigEndian>
std::array<std::uint32_t, 16> words_of(const std::uint8_t* block) noexcept {
  std::array<std::uint32_t, 16> words{};
  for (unsigned i = 0; i < 64; ++i) {
    const unsigned shift = BigEndian ? 24 - 8 * (i % 4) : 8 * (i % 4);
    words[i / 4] |= std::uint32_t{block[i]} << shift;
  }
  return words;
}

/// Both digests pad alike: 80, zeros, and the length in bits in the last eight bytes.
template <bool BigEndian, class State, class Mix>
void digest(std::string_view bytes, State& state, Mix mix) noexcept {
  std::size_t done = 0;
  for (; bytes.size() - done >= 64; done += 64) {
    Block block;
    std::memcpy(block.data(), bytes.data() + done, 64);
    mix(state, words_of<BigEndian>(block.data()));
  }
  std::array<std::uint8_t, 128> tail{};
  const std::size_t rest = bytes.size() - done;
  if (rest > 0) std::memcpy(tail.data(), bytes.data() + done, rest);
  tail[rest] = 0x80;
  const std::size_t size = rest < 56 ? 64 : 128;
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (unsigned i = 0; i < 8; ++i) {
    tail[size - 8 + i] = static_cast<std::uint8_t>(bits >> (BigEndian ? 56 - 8 * i : 8 * i));
  }
  for (std::size_t at = 0; at < size; at += 64) mix(state, words_of<BigEndian>(tail.data() + at));
}

template <bool BigEndian, std::size_t Words>
std::array<std::uint8_t, Words * 4> bytes_of(const std::array<std::uint32_t, Words>& state) noexcept {
  std::array<std::uint8_t, Words * 4> out;
  for (unsigned i = 0; i < Words * 4; ++i) {
    out[i] = static_cast<std::uint8_t>(state[i / 4] >> (BigEndian ? 24 - 8 * (i % 4) : 8 * (i % 4)));
  }
  return out;
}

// RFC 1321 3.4: the constants are the integer part of 4294967296 * abs(sin(i)).
constexpr std::array<std::uint32_t, 64> sines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> md5_shifts = {{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

void mix_md5(std::array<std::uint32_t, 4>& state, const std::array<std::uint32_t, 16>& words) noexcept {
  auto [a, b, c, d] = state;
  for (unsigned i = 0; i < 64; ++i) {
    std::uint32_t f = 0;
    unsigned word = 0;
    switch (i / 16) {
      case 0: f = (b & c) | (~b & d), word = i; break;
      case 1: f = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
      case 2: f = b ^ c ^ d, word = (3 * i + 5) % 16; break;
      default: f = c ^ (b | ~d), word = 7 * i % 16; break;
    }
    const std::uint32_t sum = a + f + sines[i] + words[word];
    a = d, d = c, c = b;
    b += std::rotl(sum, md5_shifts[i / 16][i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

void mix_sha1(std::array<std::uint32_t, 5>& state, const std::array<std::uint32_t, 16>& words) noexcept {
  std::array<std::uint32_t, 80> w{};
  for (unsigned i = 0; i < 16; ++i) w[i] = words[i];
  for (unsigned i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = state;
  for (unsigned i = 0; i < 80; ++i) {
    std::uint32_t f = 0;
    switch (i / 20) {
      case 0: f = ((b & c) | (~b & d)) + 0x5a827999; break;
      case 1: f = (b ^ c ^ d) + 0x6ed9eba1; break;
      case 2: f = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc; break;
      default: f = (b ^ c ^ d) + 0xca62c1d6; break;
    }
    const std::uint32_t next = std::rotl(a, 5) + f + e + w[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

}  // namespace

std::array<std::uint8_t, 16> md5(std::string_view bytes) noexcept {
  std::array<std::uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  digest<false>(bytes, state, mix_md5);
  return bytes_of<false>(state);
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) noexcept {
  std::array<std::uint32_t, 5> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  digest<true>(bytes, state, mix_sha1);
  return bytes_of<true>(state);
}

}  // namespace gatehouse::filters::text
