#include "gateway/admin/local_only.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::admin {
namespace {

/// The host of `host`, `host:port`, `[v6]` or `[v6]:port` (RFC 3986 3.2), brackets kept; nothing when it is neither.
std::optional<std::string_view> host_of(std::string_view authority) {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::size_t colon = authority.find(':', bracket);
  const std::string_view host = authority.substr(0, colon);
  if (bracket != 0 && host.size() != bracket + 1) return std::nullopt;
  if (colon == std::string_view::npos) return host;
  const std::string_view port = authority.substr(colon + 1);
  const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && port.size() <= 5 ? std::optional(host) : std::nullopt;
}

/// A dotted quad in 127.0.0.0/8. Shorter forms such as 127.1 are not addresses in Host.
bool is_loopback_v4(std::string_view host) {
  unsigned parts[4]{};
  const char* at = host.data();
  const char* const end = at + host.size();
  for (unsigned i = 0; i < 4; ++i) {
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc() || parts[i] > 255) return false;
    at = next;
    if (i < 3 && (at == end || *at++ != '.')) return false;
  }
  return at == end && parts[0] == 127;
}

bool is_allowed(std::string_view authority, const HostRules& rules) {
  if (is_local_authority(authority)) return true;
  const auto host = host_of(authority);
  if (!host || host->empty()) return false;
  const auto same = [&](const std::string& name) {
    return filters::lowered(name) == filters::lowered(*host) || filters::lowered(name) == filters::lowered(authority);
  };
  return (!rules.own_host.empty() && same(rules.own_host)) ||
         std::any_of(rules.allowed.begin(), rules.allowed.end(), same);
}

}  // namespace

bool is_local_authority(std::string_view authority) {
  const auto host = host_of(authority);
  if (!host) return false;
  std::string name = filters::lowered(*host);
  if (name.ends_with('.')) name.pop_back();
  // RFC 6761 6.3: localhost and what ends in it is this machine; browsers and resolvers keep to it.
  return name == "localhost" || name.ends_with(".localhost") || name == "[::1]" || is_loopback_v4(name);
}

std::string refusal(const Request& request, const HostRules& rules) {
  if (!rules.unix_socket && !is_allowed(request.host, rules)) {
    return "the Host \"" + request.host + "\" is not local; name it in admin.allowed_hosts if it is meant to be served";
  }
  if (request.origin) {
    const std::string_view origin = *request.origin;
    const std::size_t scheme = origin.find("://");
    const bool ok = scheme != std::string_view::npos && is_allowed(origin.substr(scheme + 3), rules);
    if (!ok) return "the Origin \"" + *request.origin + "\" is not local; a page from there may not use this API";
  }
  if (request.fetch_site == "cross-site" && !request.origin) {
    return "a page of another site may not use this API";
  }
  return "";
}

}  // namespace gatehouse::admin
