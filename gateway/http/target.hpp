// Request targets (RFC 9112 3.2) and authorities (RFC 3986 3.2), validated and cut into views. Nothing is decoded or
// normalised here. What is not plainly valid is refused, since the parts decide routing and the cache key:
//
// - Paths and queries are visible ASCII. Refused are controls, spaces, bytes above 0x7e, '#' (a client never sends
//   fragments; others have used it to confuse proxies), '%' without two hex digits, and %00.
// - A host is a name of unreserved and sub-delims characters, an IPv4 address, or an IPv6 address in brackets. Refused are
//   user information (RFC 9110 4.2.4), an empty host (RFC 9110 4.2.1), IPvFuture, zone ids, ports that are not
//   1-65535, and percent-encoding: RFC 3986 allows it in a name, no DNS name has it, and two readers may decode
//   it differently.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::http {

enum class TargetForm : std::uint8_t { invalid, origin, absolute, asterisk, authority };

/// A target's parts. All views are of the target's text, but a path that is missing: that is a static "/" or "*".
struct Target {
  TargetForm form{TargetForm::invalid};
  bool has_query{false};
  std::string_view scheme;     // absolute-form: http or https as it was written
  std::string_view authority;  // absolute-form and authority-form
  std::string_view path;
  std::string_view query;  // without '?'
};

/// Cuts a target. `*` is valid for OPTIONS only, an absolute-form without path means `*` for OPTIONS (RFC 9112 3.2.4).
/// Authority-form (CONNECT) is told from the others by parse_authority_form() only.
Target parse_target(std::string_view text, bool is_options) noexcept;
/// CONNECT's host:port; the port is required.
Target parse_authority_form(std::string_view text) noexcept;

/// Whether the text is a valid `host` or `host:port`. An empty port (`host:`) is valid (RFC 3986 3.2.3).
bool valid_authority(std::string_view text) noexcept;
/// Whether the text may be a path: visible ASCII but '?' and '#', and '%' only where two hexadecimal digits follow that are
/// not 00. A path is decoded by whoever serves it.
bool valid_path(std::string_view text) noexcept;
/// Whether the text may be a query: visible ASCII but '#'. What stands behind '%' is the application's business: browsers
/// send `?discount=100%` as it was typed (WHATWG URL, query percent-encode set), and nobody here decodes it.
bool valid_query(std::string_view text) noexcept;

/// The host of a valid authority, an IPv6 address with its brackets.
std::string_view host_without_port(std::string_view authority) noexcept;
/// The port of a valid authority; 0 when it has none.
std::uint16_t port_of(std::string_view authority) noexcept;

}  // namespace gatehouse::http
