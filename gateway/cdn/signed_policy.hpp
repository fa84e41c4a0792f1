// Policies of signed URLs and cookies (aws-cloudfront 15): what a signature is over, and what it permits. The canned policy
// is a text that both sides build from the URL and the expiry; a custom one is JSON that comes with the request. It is
// read strictly: a member that is not known would be a condition that is not obeyed, so it makes the policy unusable. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/filters/address.hpp"

namespace gatehouse::cdn {

/// The sections of a URL that a policy's resource is compared with.
struct SignedUrl {
  std::string_view scheme;     // http or https
  std::string_view authority;  // as the viewer used it
  std::string_view path;
  std::string_view query;      // without CloudFront's own parameters
  bool has_query{false};

  std::string text() const;
};

/// Times are seconds of Unix time. The latest that is documented (January 2038).
inline constexpr std::int64_t policy_time_max = 2'147'483'647;
/// A decimal number up to policy_time_max as it stands in URLs and policies: no sign, no leading zero.
std::optional<std::int64_t> policy_time(std::string_view text) noexcept;

/// Bytes of a custom policy; its base64 has to fit in a URL of 8192 (aws-cloudfront 11).
inline constexpr std::size_t policy_size_max = 6 * 1024;

struct Policy {
  std::optional<std::string> resource;        // without one: every URL
  std::int64_t expires{0};                    // DateLessThan
  std::optional<std::int64_t> not_before;     // DateGreaterThan
  std::optional<filters::Cidr> source;        // AWS:SourceIp, IPv4

  /// Whether a client at that address may use it.
  bool admits(const filters::Address& client) const noexcept;
};

/// The text of a canned policy, which is what its signature is over.
std::string canned_policy(std::string_view url, std::int64_t expires);
/// The text of a custom policy, in the member order of AWS's examples.
std::string custom_policy(const Policy& policy);
/// Reads a custom policy; nothing when it is not exactly one statement of known members.
std::optional<Policy> parse_policy(std::string_view json);

/// Whether a URL is one that the resource of a custom policy stands for. `*` is any text and `?` any character inside one
/// of the four sections scheme, domain, path and query, which `\?` separates from the path. A `*` at the very end of
/// the domain or the path covers the sections behind it too; a resource that begins with `*` has any scheme. A resource
/// that is the URL, character by character, always stands for it: signers put URLs with a plain `?` there.
bool covers(std::string_view resource, const SignedUrl& url);

/// A text as a resource that stands for nothing else: its `?` is escaped. `*` cannot be.
std::string resource_of(std::string_view url);

}  // namespace gatehouse::cdn
