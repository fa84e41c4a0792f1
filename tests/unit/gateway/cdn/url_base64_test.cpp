#include "gateway/cdn/url_base64.hpp"

#include <gtest/gtest.h>

#include "gateway/tls/signature.hpp"
#include "tests/support/signing_keys.hpp"

namespace gatehouse::cdn {
namespace {

TEST(UrlBase64, has_three_characters_of_its_own) {
  EXPECT_EQ(url_base64(""), "");
  EXPECT_EQ(url_base64("f"), "Zg__");
  EXPECT_EQ(url_base64("fo"), "Zm8_");
  EXPECT_EQ(url_base64("foo"), "Zm9v");
  EXPECT_EQ(url_base64("\xfb\xff\xbf"), "-~-~");
}

TEST(UrlBase64, gives_back_what_it_was_made_of) {
  std::string bytes;
  for (unsigned i = 0; i < 256; ++i) {
    std::string out;
    ASSERT_TRUE(from_url_base64(url_base64(bytes), out)) << i;
    ASSERT_EQ(out, bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(UrlBase64, takes_one_text_for_one_value) {
  for (const char* const text : {"Zg", "Zg_", "Zg==", "Z___", "____", "Zh__", "Zm9_", "Zm9+", "Zm/v", "Zm 9", "Zm9v\n", "Zm_9", "_m9v", "Zg__Zg__"}) {
    std::string out;
    EXPECT_FALSE(from_url_base64(text, out)) << text;
  }
}

TEST(UrlBase64, of_signatures_is_that_of_the_command_line) {
  const auto rsa = std::move(tls::PublicKey::from_pem(test::rsa_public_key)).value();
  const auto ecdsa = std::move(tls::PublicKey::from_pem(test::ecdsa_public_key)).value();
  std::string rsa_sha1, rsa_sha256, ecdsa_sha256;
  ASSERT_TRUE(from_url_base64(test::rsa_sha1_signature, rsa_sha1));
  ASSERT_TRUE(from_url_base64(test::rsa_sha256_signature, rsa_sha256));
  ASSERT_TRUE(from_url_base64(test::ecdsa_sha256_signature, ecdsa_sha256));
  EXPECT_TRUE(rsa.verify(tls::SignatureHash::sha1, test::signed_text, rsa_sha1));
  EXPECT_TRUE(rsa.verify(tls::SignatureHash::sha256, test::signed_text, rsa_sha256));
  EXPECT_TRUE(ecdsa.verify(tls::SignatureHash::sha256, test::signed_text, ecdsa_sha256));
  EXPECT_EQ(url_base64(rsa_sha1), test::rsa_sha1_signature);
}

}  // namespace
}  // namespace gatehouse::cdn
