#include "gateway/tls/digest.hpp"

#include <openssl/hmac.h>

#include "gatehouse/filters/result.hpp"
#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

/// Fetched once: OpenSSL 3 otherwise looks the algorithm up by name at each call.
const EVP_MD* algorithm() noexcept {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

}  // namespace

Digest sha256(std::string_view bytes) noexcept {
  Digest out;
  GH_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, algorithm(), nullptr) == 1);
  return out;
}

std::array<std::uint8_t, 16> md5(std::string_view bytes) noexcept {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "MD5", "-fips");
  std::array<std::uint8_t, 16> out{};
  // A system that forbids MD5 has no fingerprints by it, and zeros say so.
  if (fetched != nullptr) (void)EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, fetched, nullptr);
  return out;
}

Digest hmac_sha256(std::string_view key, std::string_view message) noexcept {
  Digest out;
  const auto* text = reinterpret_cast<const unsigned char*>(message.data());
  GH_ASSERT(HMAC(algorithm(), key.data(), static_cast<int>(key.size()), text, message.size(), out.data(), nullptr) != nullptr);
  return out;
}

}  // namespace gatehouse::tls
