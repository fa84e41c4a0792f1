#include "gateway/tls/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/signing_keys.hpp"

namespace gatehouse::tls {
namespace {

using testing::HasSubstr;

PublicKey public_key(std::string_view pem) { return std::move(PublicKey::from_pem(pem)).value(); }

std::string problem_of(std::string_view pem) {
  const auto key = PublicKey::from_pem(pem);
  return key ? "" : key.error();
}

TEST(PublicKey, believes_what_its_private_key_signed) {
  for (const auto& [private_pem, public_pem] : {std::pair(test::rsa_private_key, test::rsa_public_key), {test::ecdsa_private_key, test::ecdsa_public_key}}) {
    const PrivateKey signer = std::move(PrivateKey::from_pem(private_pem)).value();
    const PublicKey key = public_key(public_pem);
    for (const SignatureHash hash : {SignatureHash::sha1, SignatureHash::sha256}) {
      const std::string signature = signer.sign(hash, "text");
      EXPECT_TRUE(key.verify(hash, "text", signature));
      EXPECT_FALSE(key.verify(hash, "texT", signature));
      EXPECT_FALSE(key.verify(hash, "", signature));
      EXPECT_FALSE(key.verify(hash == SignatureHash::sha1 ? SignatureHash::sha256 : SignatureHash::sha1, "text", signature));
    }
  }
}

TEST(PublicKey, believes_no_signature_with_a_bit_changed) {
  const PrivateKey signer = std::move(PrivateKey::from_pem(test::ecdsa_private_key)).value();
  const PublicKey key = public_key(test::ecdsa_public_key);
  const std::string signature = signer.sign(SignatureHash::sha256, "text");
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string changed = signature;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(key.verify(SignatureHash::sha256, "text", changed)) << bit;
  }
  for (std::size_t size = 0; size < signature.size(); ++size) {
    EXPECT_FALSE(key.verify(SignatureHash::sha256, "text", std::string_view(signature).substr(0, size))) << size;
  }
  EXPECT_FALSE(key.verify(SignatureHash::sha256, "text", signature + '\0'));
}

TEST(PublicKey, does_not_believe_another_key) {
  const PrivateKey signer = std::move(PrivateKey::from_pem(test::rsa_private_key)).value();
  EXPECT_FALSE(public_key(test::ecdsa_public_key).verify(SignatureHash::sha1, "text", signer.sign(SignatureHash::sha1, "text")));
}

TEST(PublicKey, is_rsa_of_2048_bits_or_ecdsa_on_p_256) {
  EXPECT_EQ(problem_of(test::rsa_public_key), "");
  EXPECT_EQ(problem_of(test::ecdsa_public_key), "");
  EXPECT_THAT(problem_of(test::rsa_1024_public_key), HasSubstr("1024 bits"));
  EXPECT_THAT(problem_of(test::p384_public_key), HasSubstr("another curve"));
  EXPECT_THAT(problem_of(test::ed25519_public_key), HasSubstr("neither"));
  EXPECT_THAT(problem_of(test::rsa_private_key), HasSubstr("BEGIN PUBLIC KEY"));
  EXPECT_THAT(problem_of(""), HasSubstr("no PEM public key"));
  EXPECT_THAT(problem_of(test::rsa_public_key.substr(0, 200)), HasSubstr("no PEM public key"));
}

TEST(PrivateKey, says_why_it_cannot_be_used) {
  const auto problem = [](std::string_view pem) { return PrivateKey::from_pem(pem).error(); };
  EXPECT_THAT(problem(test::encrypted_private_key), HasSubstr("encrypted"));
  EXPECT_THAT(problem(test::rsa_public_key), HasSubstr("no PEM private key"));
}

}  // namespace
}  // namespace gatehouse::tls
