// Where the admin API is: `127.0.0.1:9900`, `[::1]:9900`, `localhost:9900` or `unix:/path`. For the server and for the
// verbs that call it.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <string>
#include <string_view>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::admin {

using StreamEndpoint = boost::asio::generic::stream_protocol::endpoint;

struct AdminAddress {
  StreamEndpoint endpoint;
  std::string host;       // for Host: as written, with its port; "localhost" for a socket file
  std::string unix_path;  // empty for TCP
};

/// The address, or what is wrong with its text. Resolves no names but localhost.
Result<AdminAddress, std::string> parse_address(std::string_view text);

}  // namespace gatehouse::admin
