// A behavior's response headers policy at the end of a head's way (step 4, look up): after it nothing changes the fields but
// the protocol. Responses of an origin, of the cache and pages in place of errors get it; errors that the gateway makes itself
// do not, since they are no response of the behavior.
#pragma once

#include "gateway/http/message.hpp"

namespace gatehouse::proxy {

struct Passage;

/// Nothing happens without a policy. For exchanges that a behavior has matched.
void apply_response_policy(Passage& passage, http::Response& head);

}  // namespace gatehouse::proxy
