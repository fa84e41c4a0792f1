// What an external-authorization call says of the request it is about. nginx's auth_request, Traefik's and Caddy's
// forward-auth describe it in header fields; Envoy's ext_authz sends a copy of it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/cli/waf_message.hpp"

namespace gatehouse::cli {

/// The request that `call` is about: method, target, host and client from the fields that describe them, else its own,
/// with `path_prefix` taken off. Fields that describe are not part of it, so rules do not see them.
WafRequest described_request(WafRequest call, std::string_view path_prefix);

}  // namespace gatehouse::cli
