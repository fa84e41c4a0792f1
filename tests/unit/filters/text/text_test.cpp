// What the transformations' cases do not reach: UTF-8 checks, flags, digests over block borders.
#include <gtest/gtest.h>

#include <string>

#include "text/ascii.hpp"
#include "text/base64.hpp"
#include "text/digest.hpp"
#include "text/url.hpp"
#include "text/utf8.hpp"

namespace gatehouse::filters::text {
namespace {

TEST(Utf8, tells_well_formed_text_from_the_rest) {
  for (const std::string_view good : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const std::string_view bad : {"\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
                                     "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x80\x80\x80\x80", "\xff", "\xc3", "a\xe2\x82",
                                     "\xc3(", "\xe2(\xa1"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Utf8, says_what_is_wrong) {
  EXPECT_EQ(utf8_at("\xc0\xaf", 0).kind, Utf8::overlong);
  EXPECT_EQ(utf8_at("\xc0\xaf", 0).code, 0x2fu);
  EXPECT_EQ(utf8_at("\xed\xa0\x80", 0).kind, Utf8::surrogate);
  EXPECT_EQ(utf8_at("\xf4\x90\x80\x80", 0).kind, Utf8::too_large);
  EXPECT_EQ(utf8_at("\xe2\x82", 0).kind, Utf8::truncated);
  EXPECT_EQ(utf8_at("\xe2z\x82", 0).kind, Utf8::stray);
  EXPECT_EQ(utf8_at("a\xac", 1).kind, Utf8::stray);
}

TEST(Utf8, writes_what_it_reads) {
  for (const std::uint32_t code : {0x00u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu}) {
    char bytes[4];
    const std::size_t size = write_utf8(code, bytes);
    const Utf8Char read = utf8_at({bytes, size}, 0);
    EXPECT_EQ(read.kind, Utf8::valid);
    EXPECT_EQ(read.code, code);
    EXPECT_EQ(read.size, size);
  }
}

TEST(UrlDecode, reports_broken_sequences) {
  char out[16];
  for (const std::string_view broken : {"%", "%4", "%g1", "a%1", "%%41", "100%"}) {
    bool bad = false;
    url_decode(broken, out, &bad);
    EXPECT_TRUE(bad) << broken;
  }
  bool bad = false;
  EXPECT_EQ(url_decode("%41+b", out, &bad), 3u);
  EXPECT_FALSE(bad);
}

TEST(Base64, gives_back_what_it_took) {
  std::string value;
  for (int i = 0; i < 300; ++i) {
    std::string encoded((value.size() + 2) / 3 * 4, '\0'), decoded(encoded.size(), '\0');
    EXPECT_EQ(base64_encode(value, encoded.data()), encoded.size());
    decoded.resize(base64_decode(encoded, decoded.data()));
    EXPECT_EQ(decoded, value);
    value += static_cast<char>(i * 7);
  }
}

std::string hex(auto bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += {hex_digits[byte >> 4], hex_digits[byte & 15]};
  return out;
}

// RFC 1321 A.5 and FIPS 180-4's examples, and sizes around the padding's border.
TEST(Digest, agrees_with_the_published_vectors) {
  EXPECT_EQ(hex(md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
  EXPECT_EQ(hex(sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(sha1(std::string(1000000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Ascii, ignores_the_locale) {
  EXPECT_FALSE(is_blank('\xa0'));
  EXPECT_TRUE(is_blank_or_nbsp('\xa0'));
  EXPECT_FALSE(is_alpha('\xe4'));
  EXPECT_FALSE(is_alpha('@'));
  EXPECT_FALSE(is_alpha('['));
  EXPECT_EQ(to_lower('\xc4'), '\xc4');
  EXPECT_EQ(hex_value('g'), -1);
  EXPECT_EQ(hex_value('@'), -1);
  EXPECT_EQ(hex_value('F'), 15);
}

}  // namespace
}  // namespace gatehouse::filters::text
