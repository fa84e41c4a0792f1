// Puts a head on the wire: start line, fields that are forwarded, fields that are added, empty line. Canonical out:
// what is not written as `name: value` already is rewritten so; neighbouring canonical lines are copied in one piece. The
// framing fields (Content-Length, Transfer-Encoding) are never forwarded but made from `body`, so what the next hop
// reads is what this gateway understood. Connection handling is the caller's: drop Connection and add your own. Pure.
#pragma once

#include <span>
#include <string_view>

#include "gateway/http/message.hpp"

namespace gatehouse::http1 {

/// Writes a request as HTTP/1.1. `target` empty: the request's path and query, in origin-form. `host` empty: its Host
/// field as it stands, or the authority of an absolute-form target, which replaces Host (RFC 9112 3.2.2); a request
/// without either gets an empty Host, as RFC 9112 3.2 asks. Returns the size, or 0 when it does not fit.
std::size_t write_request_head(std::span<char> out, const http::Request& request, std::string_view target,
                               std::string_view host) noexcept;

/// Writes a response as HTTP/1.1. With a body of kind none, a Content-Length among the fields says how much a GET would
/// have got (HEAD, 304) and is kept, but not in 1xx and 204 (RFC 9110 8.6). Returns the size, or 0 when it does not fit.
std::size_t write_response_head(std::span<char> out, const http::Response& response) noexcept;

}  // namespace gatehouse::http1
