// Step 4, look up: behaviors that want signed URLs or cookies (aws-cloudfront 15 to 17). One thread.
#pragma once

#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {

/// Refuses a request without a valid signature; its reason goes into the access log. From one that is admitted, the
/// signature is taken off, so that neither the cache's key nor the origin sees it: who may have a response is not part of it.
Try<void> check_signature(Passage& passage, const cdn::TrustedKeys& trusted);

}  // namespace gatehouse::proxy
