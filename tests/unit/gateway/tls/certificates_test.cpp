#include "gateway/tls/certificates.hpp"

#include <gmock/gmock.h>

#include "peers.hpp"

namespace gatehouse::tls {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const WallTime now = std::chrono::system_clock::now();

TEST(Certificates, a_chain_with_its_key_is_described) {
  const Folder folder;
  const Pair ca = issue(Asked{.common_name = "ca", .authority = true}, ec_key());
  const Pair leaf =
      issue(Asked{"shop", "DNS:Shop.Example.,DNS:*.shop.example,IP:192.0.2.1,IP:2001:db8::1"}, rsa_key(), &ca);
  const std::string chain = folder.write("chain.pem", leaf.certificate_pem() + ca.certificate_pem());
  const auto loaded = Identity::load({"shop", chain, folder.write("key.pem", leaf.key_pem()), {}});
  ASSERT_TRUE(loaded) << loaded.error();
  const Identity& shop = **loaded;
  EXPECT_EQ(shop.name(), "shop");
  EXPECT_EQ(shop.key_type(), KeyType::rsa);
  EXPECT_EQ(shop.key_bits(), 2048);
  EXPECT_THAT(shop.dns_names(), ElementsAre("shop.example", "*.shop.example"));
  EXPECT_THAT(shop.addresses(), ElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_EQ(shop.intermediates().size(), 1u);
  EXPECT_EQ(shop.fingerprint().size(), 64u);
  EXPECT_LT(shop.not_before(), now);
  EXPECT_GT(shop.not_after(), now + 364 * 24h);
  EXPECT_THAT(shop.warnings(now), IsEmpty());
}

TEST(Certificates, the_key_may_come_as_text) {
  const Folder folder;
  const Pair pair = issue(Asked{"shop", "DNS:shop.example"}, ec_key("P-384"));
  const auto loaded = Identity::load({"shop", folder.write("c.pem", pair.certificate_pem()), "", pair.key_pem()});
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ((*loaded)->key_type(), KeyType::ecdsa);
  EXPECT_EQ((*loaded)->key_bits(), 384);
}

TEST(Certificates, a_missing_file_is_named) {
  const auto loaded = Identity::load({"shop", "/nowhere/shop.pem", "/nowhere/shop.key", {}});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "certificate 'shop': /nowhere/shop.pem: cannot be opened: No such file or directory");
}

TEST(Certificates, a_folder_in_place_of_a_file_is_refused) {
  const Folder folder;
  const auto loaded = Identity::load({"shop", folder.file(""), "", {}});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), HasSubstr("Is a directory"));
}

TEST(Certificates, a_key_of_another_certificate_is_refused) {
  const Folder folder;
  Pair pair = issue(Asked{"shop", "DNS:shop.example"}, ec_key());
  pair.key = ec_key();
  const auto loaded = try_load(folder, pair, "shop");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(),
              HasSubstr("its first certificate does not belong to the key of " + folder.file("shop.key")));
}

TEST(Certificates, an_encrypted_key_is_refused_and_says_what_to_do) {
  const Folder folder;
  const Pair pair = issue(Asked{"shop", "DNS:shop.example"}, ec_key());
  const auto loaded = Identity::load({"shop", folder.write("c.pem", pair.certificate_pem()),
                                      folder.write("k.pem", pair.key_pem("secret")), {}});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), HasSubstr("k.pem: the private key is encrypted; let private_key_command"));
}

TEST(Certificates, keys_that_alb_refuses_are_refused) {
  const Folder folder;
  const auto weak = try_load(folder, issue(Asked{"a", "DNS:a.example"}, rsa_key(1024)));
  ASSERT_FALSE(weak);
  EXPECT_THAT(weak.error(), HasSubstr("an RSA key of 1024 bits"));
  const auto edwards = try_load(folder, issue(Asked{"b", "DNS:b.example"}, ed25519_key()));
  ASSERT_FALSE(edwards);
  EXPECT_THAT(edwards.error(), HasSubstr("Ed25519"));
  const auto curve = try_load(folder, issue(Asked{"c", "DNS:c.example"}, ec_key("secp256k1")));
  ASSERT_FALSE(curve);
  EXPECT_THAT(curve.error(), HasSubstr("another curve"));
}

TEST(Certificates, files_without_pem_are_refused) {
  const Folder folder;
  const Pair pair = issue(Asked{"a", "DNS:a.example"}, ec_key());
  const std::string good = folder.write("good.pem", pair.certificate_pem());
  const auto no_certificate = Identity::load({"a", folder.write("x.pem", "hello\n"), good, {}});
  ASSERT_FALSE(no_certificate);
  EXPECT_THAT(no_certificate.error(), HasSubstr("x.pem: holds no PEM certificate"));
  const auto no_key = Identity::load({"a", good, good, {}});
  ASSERT_FALSE(no_key);
  EXPECT_THAT(no_key.error(), HasSubstr("good.pem: holds no PEM private key"));
  std::string damaged = pair.certificate_pem();
  damaged.replace(damaged.size() / 2, 4, "!!!!");
  const auto broken = Identity::load({"a", folder.write("y.pem", damaged), good, {}});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error(), HasSubstr("y.pem: a certificate in it is damaged"));
}

TEST(Certificates, times_are_warnings) {
  const Folder folder;
  const auto expired = try_load(folder, issue(Asked{"a", "DNS:a", -48h, -24h}, ec_key()), "a");
  ASSERT_TRUE(expired) << expired.error();
  EXPECT_THAT((*expired)->warnings(now), ElementsAre(HasSubstr("certificate 'a' expired on ")));
  const auto soon = try_load(folder, issue(Asked{"b", "DNS:b", -48h, 24h}, ec_key()), "b");
  EXPECT_THAT((*soon)->warnings(now), ElementsAre(HasSubstr("certificate 'b' expires on ")));
  const auto early = try_load(folder, issue(Asked{"c", "DNS:c", 24h, 2400h}, ec_key()), "c");
  EXPECT_THAT((*early)->warnings(now), ElementsAre(HasSubstr("certificate 'c' is valid only from ")));
}

TEST(Certificates, a_chain_out_of_order_is_a_warning) {
  const Folder folder;
  const Pair ca = issue(Asked{.common_name = "ca", .authority = true}, ec_key());
  const Pair other = issue(Asked{.common_name = "other", .authority = true}, ec_key());
  const Pair leaf = issue(Asked{"a", "DNS:a"}, ec_key(), &ca);
  const auto loaded = Identity::load({"a", folder.write("c.pem", leaf.certificate_pem() + other.certificate_pem()),
                                      folder.write("k.pem", leaf.key_pem()), {}});
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_THAT((*loaded)->warnings(now), ElementsAre(HasSubstr("out of order")));
}

TEST(Certificates, the_common_name_counts_only_without_alternative_names) {
  EXPECT_THAT(identity("Old.Example", "", ec_key())->dns_names(), ElementsAre("old.example"));
  EXPECT_THAT(identity("old.example", "DNS:new.example", ec_key())->dns_names(), ElementsAre("new.example"));
}

TEST(Certificates, a_wildcard_covers_one_label) {
  const auto shop = identity("shop", "DNS:*.shop.example,DNS:f*.bad.example,IP:192.0.2.1,IP:2001:db8::1", ec_key());
  EXPECT_TRUE(shop->covers("www.shop.example"));
  EXPECT_TRUE(shop->covers("WWW.Shop.Example."));
  EXPECT_FALSE(shop->covers("shop.example"));
  EXPECT_FALSE(shop->covers("a.b.shop.example"));
  EXPECT_FALSE(shop->covers(".shop.example"));
  EXPECT_FALSE(shop->covers("foo.bad.example"));
  EXPECT_TRUE(shop->covers("192.0.2.1"));
  EXPECT_TRUE(shop->covers("2001:DB8:0::1"));
  EXPECT_FALSE(shop->covers("192.0.2.2"));
}

}  // namespace
}  // namespace gatehouse::tls
