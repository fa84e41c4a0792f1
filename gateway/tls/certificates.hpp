// Identity: a certificate chain with its private key, loaded, checked and immutable; shared by all threads. Loading
// reports what is wrong as one line of text that names the file. What a certificate may be follows ALB: RSA of 2048 to
// 4096 bits or ECDSA on P-256, P-384, P-521. Expiry is a warning, not an error: an expired certificate on one name must
// not keep the gateway from serving the others.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace gatehouse::tls {

using WallTime = std::chrono::system_clock::time_point;

enum class KeyType : std::uint8_t { rsa, ecdsa };

/// Where a chain and its key come from. Text wins over a file when both are given: private_key_command's output.
struct IdentitySource {
  std::string name;              // the configuration's name, for messages
  std::string certificate_file;  // PEM chain, leaf first
  std::string private_key_file;  // PEM
  std::string private_key_pem;   // PEM text instead of the file
};

class Identity {
 public:
  /// Reads and checks; the error is one line for the user.
  static Result<std::shared_ptr<const Identity>, std::string> load(const IdentitySource& source);
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  const std::string& name() const noexcept { return name_; }
  KeyType key_type() const noexcept { return key_type_; }
  int key_bits() const noexcept { return key_bits_; }
  WallTime not_before() const noexcept { return not_before_; }
  WallTime not_after() const noexcept { return not_after_; }
  /// Lower case, without a trailing dot; a wildcard as `*.example.com`. The subject's common name when there is no
  /// subjectAltName at all.
  const std::vector<std::string>& dns_names() const noexcept { return dns_names_; }
  /// Textual addresses of subjectAltName.
  const std::vector<std::string>& addresses() const noexcept { return addresses_; }
  /// SHA-256 of the leaf, lower-case hex.
  const std::string& fingerprint() const noexcept { return fingerprint_; }
  /// Whether a client that asked for this host (name or address) accepts the certificate's names.
  bool covers(std::string_view host) const;
  /// What is doubtful at this time: expired, not yet valid, expires within two weeks.
  std::vector<std::string> warnings(WallTime now) const;

  // For the contexts in this folder.
  x509_st* leaf() const noexcept { return leaf_; }
  evp_pkey_st* key() const noexcept { return key_; }
  const std::vector<x509_st*>& intermediates() const noexcept { return intermediates_; }

 private:
  Identity() = default;
  std::string name_;
  KeyType key_type_{KeyType::rsa};
  int key_bits_{0};
  WallTime not_before_;
  WallTime not_after_;
  std::vector<std::string> dns_names_;
  std::vector<std::string> addresses_;
  std::string fingerprint_;
  x509_st* leaf_{nullptr};
  evp_pkey_st* key_{nullptr};
  std::vector<x509_st*> intermediates_;

  friend class IdentityLoader;
};

/// `Example.COM.` -> `example.com`: the form in which host names are compared.
std::string canonical_host(std::string_view host);

}  // namespace gatehouse::tls
