// Keyed hashes, against the vectors published with SipHash, and keys made of parts.
#include "gateway/cache/siphash.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "gateway/cache/key.hpp"

namespace gatehouse::cache {
namespace {

/// The vectors' key is 00 01 .. 0f, their messages are 00 01 .. n-1.
constexpr Secret vector_secret{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

std::string message(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i);
  return text;
}

std::string hex(const void* data, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<const unsigned char*>(data)[i]);
    out += two;
  }
  return out;
}

std::string hex_64(std::string_view text) {
  const std::uint64_t hash = sip_hash_64(vector_secret, text);
  return hex(&hash, sizeof hash);
}
std::string hex_128(SipHash hash) {
  const Hash128 result = hash.finish_128();
  return hex(&result, sizeof result);
}
SipHash wide(std::string_view text) {
  SipHash hash(vector_secret, true);
  hash.add(text);
  return hash;
}

TEST(SipHash, gives_the_published_results_in_64_bits) {
  EXPECT_EQ(hex_64(message(0)), "310e0edd47db6f72");
  EXPECT_EQ(hex_64(message(1)), "fd67dc93c539f874");
  EXPECT_EQ(hex_64(message(7)), "37d1018bf50002ab");
  EXPECT_EQ(hex_64(message(8)), "6224939a79f5f593");
  EXPECT_EQ(hex_64(message(15)), "e545be4961ca29a1");
  EXPECT_EQ(hex_64(message(63)), "724506eb4c328a95");
}

TEST(SipHash, gives_the_published_results_in_128_bits) {
  EXPECT_EQ(hex_128(wide(message(0))), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(hex_128(wide(message(1))), "da87c1d86b99af44347659119b22fc45");
  EXPECT_EQ(hex_128(wide(message(15))), "5493e99933b0a8117e08ec0f97cfc3d9");
}

TEST(SipHash, does_not_care_how_its_input_is_cut) {
  const std::string text = message(61);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    SipHash hash = wide(text.substr(0, cut));
    hash.add(std::string_view(text).substr(cut));
    EXPECT_EQ(hex_128(hash), hex_128(wide(text))) << cut;
  }
}

TEST(SipHash, takes_numbers_as_the_bytes_they_lie_in) {
  for (std::size_t before = 0; before < 9; ++before) {
    SipHash hash = wide(message(before));
    hash.add(std::uint64_t{0x0102030405060708u});
    EXPECT_EQ(hex_128(hash), hex_128(wide(message(before) + std::string("\x08\x07\x06\x05\x04\x03\x02\x01")))) << before;
  }
}

TEST(Key, tells_lists_of_parts_apart_that_look_alike_when_joined) {
  const Secret secret{1, 2};
  EXPECT_EQ(make_key(secret, {"a", "bc"}), make_key(secret, {"a", "bc"}));
  EXPECT_NE(make_key(secret, {"a", "bc"}), make_key(secret, {"ab", "c"}));
  EXPECT_NE(make_key(secret, {"abc"}), make_key(secret, {"abc", ""}));
}

TEST(Key, is_another_one_under_another_secret) {
  EXPECT_NE(make_key(random_secret(), {"a"}), make_key(random_secret(), {"a"}));
}

}  // namespace
}  // namespace gatehouse::cache
