// A certificate for local use: a small authority made on this machine and a server certificate for localhost,
// *.localhost, 127.0.0.1 and ::1 that it signed, kept in a folder only the user can read and used again at the next
// start. The authority is constrained to exactly these names (RFC 5280 4.2.1.10), so that a browser that trusts it
// trusts nothing else by it. Some clients, OpenSSL's among them, take no wildcard directly below a top-level label and
// refuse it for api.localhost. Called at start; blocking file access.
#pragma once

#include <string>

#include "gatehouse/filters/result.hpp"
#include "gateway/tls/certificates.hpp"

namespace gatehouse::tls {

struct DevelopmentCertificate {
  std::string ca_file;           // PEM; what a client may trust
  std::string certificate_file;  // PEM chain
  std::string private_key_file;
  bool made{false};              // new, or renewed because the old one was missing, broken or near its end
};

/// Finds or makes the files in `folder` (made with mode 0700 when missing; keys are 0600). The error is one line for
/// the user.
Result<DevelopmentCertificate, std::string> development_certificate(const std::string& folder, WallTime now);

}  // namespace gatehouse::tls
