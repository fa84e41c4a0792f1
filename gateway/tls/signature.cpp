#include "gateway/tls/signature.hpp"

#include <fmt/format.h>
#include <openssl/ec.h>

#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 4096;

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

const EVP_MD* algorithm(SignatureHash hash) noexcept { return hash == SignatureHash::sha1 ? EVP_sha1() : EVP_sha256(); }

const unsigned char* bytes(std::string_view text) noexcept { return reinterpret_cast<const unsigned char*>(text.data()); }

bool is_p256(const EVP_PKEY* key) noexcept {
  char group[64];
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 && OBJ_sn2nid(group) == NID_X9_62_prime256v1;
}

/// Why the key cannot be used; empty when it can.
std::string objection(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      if (bits >= rsa_bits_min && bits <= rsa_bits_max) return {};
      return fmt::format("an RSA key of {} bits; {} to {} can be used", bits, rsa_bits_min, rsa_bits_max);
    case EVP_PKEY_EC: return is_p256(key) ? "" : "an ECDSA key on another curve than P-256";
    default: return "neither an RSA key nor an ECDSA key on P-256";
  }
}

BioHandle memory_of(std::string_view pem) { return BioHandle(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

}  // namespace

void KeyFreed::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

Result<PublicKey, std::string> PublicKey::from_pem(std::string_view pem) {
  const BioHandle memory = memory_of(pem);
  OwnedKey key(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key) return Failure{std::string("holds no PEM public key (BEGIN PUBLIC KEY)")};
  if (std::string why_not = objection(key.get()); !why_not.empty()) return Failure{std::move(why_not)};
  return PublicKey(std::move(key));
}

bool PublicKey::verify(SignatureHash hash, std::string_view text, std::string_view signature) const noexcept {
  const DigestContext context(EVP_MD_CTX_new());
  // RSA's padding is PKCS#1 v1.5 unless something else is asked for.
  const bool valid = context && EVP_DigestVerifyInit(context.get(), nullptr, algorithm(hash), nullptr, key_.get()) == 1 &&
                     EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
  ERR_clear_error();  // TLS on this thread must not find what went wrong here
  return valid;
}

Result<PrivateKey, std::string> PrivateKey::from_pem(std::string_view pem) {
  bool asked_for_password = false;
  const auto refuse = [](char*, int, int, void* asked) { return *static_cast<bool*>(asked) = true, -1; };
  const BioHandle memory = memory_of(pem);
  OwnedKey key(PEM_read_bio_PrivateKey(memory.get(), nullptr, refuse, &asked_for_password));
  ERR_clear_error();
  if (asked_for_password) return Failure{std::string("the private key is encrypted; decrypt it first (openssl pkey)")};
  if (!key) return Failure{std::string("holds no PEM private key")};
  if (std::string why_not = objection(key.get()); !why_not.empty()) return Failure{std::move(why_not)};
  return PrivateKey(std::move(key));
}

std::string PrivateKey::sign(SignatureHash hash, std::string_view text) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string out(size, '\0');
  GH_ASSERT(context && EVP_DigestSignInit(context.get(), nullptr, algorithm(hash), nullptr, key_.get()) == 1);
  auto* const room = reinterpret_cast<unsigned char*>(out.data());
  GH_ASSERT(EVP_DigestSign(context.get(), room, &size, bytes(text), text.size()) == 1);
  out.resize(size);
  return out;
}

}  // namespace gatehouse::tls
