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

Digest hmac_sha256(std::string_view key, std::string_view message) noexcept {
  Digest out;
  const auto* text = reinterpret_cast<const unsigned char*>(message.data());
  GH_ASSERT(HMAC(algorithm(), key.data(), static_cast<int>(key.size()), text, message.size(), out.data(), nullptr) != nullptr);
  return out;
}

std::array<char, 64> hex(const Digest& digest) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 64> out;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  return out;
}

}  // namespace gatehouse::tls
