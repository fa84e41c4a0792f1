// PublicKey and PrivateKey: signatures over texts, RSA with PKCS#1 v1.5 (RFC 8017 8.2) or ECDSA on P-256 in DER
// (RFC 3279 2.2.3), over SHA-1 or SHA-256. Keys are read from PEM and checked once; RSA keys have 2048 to 4096 bits, since
// shorter ones can be broken and longer ones make every check slow. Immutable after that; any thread, several at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/filters/result.hpp"

struct evp_pkey_st;

namespace gatehouse::tls {

enum class SignatureHash : std::uint8_t { sha1, sha256 };

struct KeyFreed {
  void operator()(evp_pkey_st* key) const noexcept;
};
using OwnedKey = std::unique_ptr<evp_pkey_st, KeyFreed>;

class PublicKey {
 public:
  /// Reads `BEGIN PUBLIC KEY`; the error is one line for the user.
  static Result<PublicKey, std::string> from_pem(std::string_view pem);

  /// Whether the signature is this key's over the text. Any bytes may be asked about.
  bool verify(SignatureHash hash, std::string_view text, std::string_view signature) const noexcept;

 private:
  explicit PublicKey(OwnedKey key) noexcept : key_(std::move(key)) {}
  OwnedKey key_;
};

class PrivateKey {
 public:
  /// Reads `BEGIN PRIVATE KEY` and the older forms, without a pass phrase; the error is one line for the user.
  static Result<PrivateKey, std::string> from_pem(std::string_view pem);

  std::string sign(SignatureHash hash, std::string_view text) const;

 private:
  explicit PrivateKey(OwnedKey key) noexcept : key_(std::move(key)) {}
  OwnedKey key_;
};

}  // namespace gatehouse::tls
