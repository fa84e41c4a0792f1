// Owning handles for OpenSSL's objects and its error queue as text. Included by the .cpp files of this folder only, so
// that OpenSSL's headers stay here.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace gatehouse::tls {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using CertificateHandle = std::unique_ptr<X509, Freed<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using ContextHandle = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

/// The reason of the newest error of this thread, and empties the queue.
inline std::string take_error() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

}  // namespace gatehouse::tls
