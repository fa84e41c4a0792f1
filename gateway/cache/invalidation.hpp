// What a request that changes something makes invalid (RFC 9111 4.4), and when the answer to a POST stands for a later GET
// (RFC 9110 9.3.3). Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/message.hpp"

namespace gatehouse::cache {

/// Whether the target's stored responses are invalid now: the method is not known to be safe and the status is 2xx or 3xx.
bool invalidates(const http::Request& request, std::uint16_t status) noexcept;

/// Where a request went: the scheme and authority that its key was made of.
struct Origin {
  std::string_view scheme;     // http or https
  std::string_view authority;  // host, or host:port when the port is not the scheme's own
};

/// A target of the same origin: path and query as they would stand in a request line.
struct SameOriginTarget {
  std::string path;  // dot segments resolved
  std::string query;
  bool has_query{false};
  bool operator==(const SameOriginTarget&) const = default;
};

/// Resolves a URI reference against the request's target (RFC 3986 5.2). False when it is malformed or of another origin: a
/// response may speak for its own origin only.
bool resolve(std::string_view reference, const Origin& origin, const http::Request& request, SameOriginTarget& out);

/// The other targets that become invalid: those of Location and Content-Location. At most two; the number is returned.
std::size_t other_targets(const http::Request& request, const http::Response& response, const Origin& origin,
                          std::array<SameOriginTarget, 2>& out);

/// Whether a response to POST may answer a later GET of the same target: its Content-Location names that very target.
/// judge() says whether it has an explicit lifetime.
bool post_answers_get(const http::Request& request, const http::Response& response, const Origin& origin);

}  // namespace gatehouse::cache
