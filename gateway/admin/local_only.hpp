// Who may talk to the admin API from a browser: nobody but local pages. A page anywhere can make a browser send
// requests to 127.0.0.1 (CSRF), and with a name of its own that resolves to 127.0.0.1 it could read the answers too
// (DNS rebinding). Both show in Host, Origin or Sec-Fetch-Site, so those must be local or named in the configuration.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/admin/message.hpp"

namespace gatehouse::admin {

struct HostRules {
  std::vector<std::string> allowed;  // admin.allowed_hosts: names, with or without a port
  std::string own_host;              // the address that is listened on, when it is one that can be named
  bool unix_socket{false};           // no browser gets there, so Host may be anything
};

/// Why the request is refused, or "".
std::string refusal(const Request& request, const HostRules& rules);

/// localhost and its subdomains, 127.0.0.0/8, [::1]; with or without a port.
bool is_local_authority(std::string_view authority);

}  // namespace gatehouse::admin
