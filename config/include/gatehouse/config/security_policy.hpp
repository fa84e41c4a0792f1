// The names of AWS's TLS security policies that a listener may use, and in which way Gatehouse differs from AWS for
// each. What a policy allows is gateway/tls's business; here is only what a configuration check needs. A constant
// table; any thread.
#pragma once

#include <span>
#include <string_view>

namespace gatehouse::config {

struct SecurityPolicy {
  std::string_view name;      // with its prefix, ELBSecurityPolicy-
  bool post_quantum{false};   // its post-quantum groups are replaced by the classical ones
  bool old_protocols{false};  // it names TLS 1.0 or 1.1 and starts at 1.2 here
  bool fips{false};           // an approximation: no validated module
};

std::span<const SecurityPolicy> security_policies() noexcept;

/// The policy of that name (exact), or null.
const SecurityPolicy* find_security_policy(std::string_view name) noexcept;

}  // namespace gatehouse::config
