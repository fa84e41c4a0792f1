#include "gateway/tls/digest.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::tls {
namespace {

std::string text(const Digest& digest) {
  const auto digits = hex(digest);
  return {digits.data(), digits.size()};
}

TEST(Digest, is_that_of_the_standard) {  // FIPS 180-4, appendix examples
  EXPECT_EQ(text(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(text(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(text(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, keyed_is_that_of_the_vectors) {  // RFC 4231 4.2, 4.3, 4.7
  EXPECT_EQ(text(hmac_sha256(std::string(20, '\x0b'), "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(text(hmac_sha256("Jefe", "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(text(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(text(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Digest, of_a_key_is_a_key) {
  const Digest first = hmac_sha256("AWS4", "day");
  EXPECT_EQ(bytes_of(first).size(), 32u);
  EXPECT_NE(hmac_sha256(bytes_of(first), "region"), first);
}

}  // namespace
}  // namespace gatehouse::tls
