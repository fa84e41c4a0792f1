// The admin API as a function: from a request to an answer, by a table of resources (api.cpp). Free of sockets; the
// server carries the bytes. A resource is one file with its handlers; resources.hpp declares them.
#pragma once

#include "gateway/admin/control.hpp"
#include "gateway/admin/local_only.hpp"
#include "gateway/admin/message.hpp"

namespace gatehouse::admin {

/// Answers a request. `done` is called once, at once or (reload) later, on the control thread. HEAD is answered as GET;
/// the server leaves the content out.
void respond(const Request& request, const HostRules& rules, Control& control, Respond done);

}  // namespace gatehouse::admin
