#include "gateway/tls/fingerprint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::tls {
namespace {

std::string u16(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }
std::string u16_list(const std::vector<std::uint16_t>& values) {
  std::string out;
  for (const std::uint16_t value : values) out += u16(value);
  return u16(out.size()) + out;
}
std::string extension(std::uint16_t type, const std::string& content) { return u16(type) + u16(content.size()) + content; }

/// A ClientHello's body.
std::string body(const std::vector<std::uint16_t>& ciphers, const std::string& extensions, std::uint16_t version = 0x0303) {
  return u16(version) + std::string(32, 'r') + std::string("\x02id", 3) + u16_list(ciphers) + std::string("\x01\0", 2) +
         u16(extensions.size()) + extensions;
}

// The example of JA4's technical details: a Chrome, with its extensions in another order and a GREASE value in every list.
std::string browser(const std::string& protocol = "h2") {
  std::string versions = std::string("\x06\x3a\x3a\x03\x04\x03\x03", 7);
  std::string alpn = std::string(1, static_cast<char>(protocol.size())) + protocol + std::string("\x08http/1.1");
  std::string text = extension(0x1a1a, "");
  for (const std::uint16_t type : {0x001b, 0x0000, 0x0033, 0x4469, 0x0017, 0x0023, 0x0005, 0x0012, 0x002d, 0xff01, 0x000b, 0x0015}) {
    text += extension(type, type == 0x000b ? std::string("\x01\0", 2) : std::string());
  }
  text += extension(0x0010, u16(alpn.size()) + alpn) + extension(0x002b, versions);
  text += extension(0x000a, u16_list({0x4a4a, 29, 23, 24}));
  text += extension(0x000d, u16_list({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}));
  return body({0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
              text);
}

std::string ja4(const std::string& text) {
  const auto hello = parse_client_hello(text);
  return hello ? std::string(fingerprints_of(*hello).ja4_text()) : "none";
}

TEST(Fingerprint, ja4_is_that_of_its_definition) { EXPECT_EQ(ja4(browser()), "t13d1516h2_8daaf6152771_e5627efa2ab1"); }

TEST(Fingerprint, ja3_is_that_of_its_definition) {  // the example of its README
  const std::string text = body({47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4},
                                extension(0, "") + extension(10, u16_list({23, 24, 25})) + extension(11, std::string("\x01\0", 2)), 769);
  const auto hello = parse_client_hello(text);
  ASSERT_TRUE(hello);
  EXPECT_EQ(ja3_string(*hello), "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
  EXPECT_EQ(fingerprints_of(*hello).ja3_text(), "ada70206e40642a3e4461f35503241d5");
}

TEST(Fingerprint, grease_counts_for_nothing_in_ja3) {
  const auto hello = parse_client_hello(browser());
  ASSERT_TRUE(hello);
  EXPECT_EQ(ja3_string(*hello), "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
                                "27-0-51-17513-23-35-5-18-45-65281-11-21-16-43-10-13,29-23-24,0");
}

TEST(Fingerprint, a_client_that_says_little_has_one_too) {
  EXPECT_EQ(ja4(u16(0x0303) + std::string(32, 'r') + std::string("\0", 1) + u16_list({}) + std::string("\x01\0", 2)),
            "t12i000000_000000000000_000000000000");
}

TEST(Fingerprint, a_protocol_that_is_no_word_is_told_by_its_bytes) {
  EXPECT_EQ(ja4(browser("\xab" "x\xcd")).substr(8, 2), "ad");
  EXPECT_EQ(ja4(browser("x")).substr(8, 2), "xx");
}

TEST(Fingerprint, a_length_that_lies_makes_no_hello) {
  const std::string whole = browser();
  const std::size_t without_extensions = 2 + 32 + 3 + 2 + 16 * 2 + 2;  // a whole hello, too
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse_client_hello(whole.substr(0, size)).has_value(), size == without_extensions) << size;
  }
  EXPECT_FALSE(parse_client_hello(whole + "x"));
  EXPECT_TRUE(parse_client_hello(whole));
}

TEST(Fingerprint, a_malformed_extension_is_there_but_says_nothing) {
  const auto hello = parse_client_hello(body({1}, extension(10, std::string("\x00\x05\x00", 3)) + extension(16, "\x09")));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->extensions, (std::vector<std::uint16_t>{10, 16}));
  EXPECT_TRUE(hello->groups.empty());
  EXPECT_TRUE(hello->protocol.empty());
}

}  // namespace
}  // namespace gatehouse::tls
