// Security policies under AWS's names: what each allows, as OpenSSL's cipher, suite and group lists in the order the
// server prefers. A constant table; any thread. Three kinds of policy are not exactly AWS's and say so in their notes:
// post-quantum ones use the classical groups, those with TLS 1.0 or 1.1 start at 1.2, FIPS ones are approximations.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::tls {

/// The number on the wire (RFC 8446 4.2.1).
enum class Version : std::uint16_t { tls_1_2 = 0x0303, tls_1_3 = 0x0304 };

struct Policy {
  std::string name;      // with its prefix, ELBSecurityPolicy-
  Version lowest{Version::tls_1_2};
  Version highest{Version::tls_1_3};
  std::string ciphers;   // TLS 1.2, OpenSSL's names, colon between; empty when only TLS 1.3 is allowed
  std::string suites;    // TLS 1.3; empty when only TLS 1.2 is allowed
  std::string groups;    // key exchange groups
  std::vector<std::string> notes;  // where it differs from AWS's; one sentence each, for warnings
};

/// The policy of that name (exact), or null.
const Policy* find_policy(std::string_view name) noexcept;
/// All of them; related ones stand together.
std::span<const Policy> policies() noexcept;

}  // namespace gatehouse::tls
