// Fingerprints of a client's TLS library, made from how its ClientHello looks: JA3 (Salesforce, 2017) and JA4 (FoxIO,
// 2023), as CloudFront-Viewer-JA3-Fingerprint and -JA4-Fingerprint carry them. Many clients share one; none proves who a
// client is. Pure; any thread.
#pragma once

#include <array>
#include <string>

#include "gateway/tls/client_hello.hpp"

namespace gatehouse::tls {

struct Fingerprints {
  std::array<char, 32> ja3;  // lower-case hexadecimal of an MD5
  std::array<char, 36> ja4;  // t13d1516h2_8daaf6152771_e5627efa2ab1

  std::string_view ja3_text() const noexcept { return {ja3.data(), ja3.size()}; }
  std::string_view ja4_text() const noexcept { return {ja4.data(), ja4.size()}; }
};

Fingerprints fingerprints_of(const ClientHello& hello);

/// What JA3's MD5 is of: version, ciphers, extensions, groups and point formats in decimal.
std::string ja3_string(const ClientHello& hello);

}  // namespace gatehouse::tls
