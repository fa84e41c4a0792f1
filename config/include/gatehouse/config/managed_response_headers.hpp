// Amazon's managed response headers policies, which exist without being written down, by their names and ids (Amazon
// CloudFront Developer Guide, "Use managed response headers policies"). Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"

namespace gatehouse::config {

/// The managed policy of that name or id, or null.
const ResponseHeadersPolicy* managed_response_headers_policy(std::string_view name_or_id);

/// Their names, for suggestions.
std::vector<std::string_view> managed_response_headers_policy_names();

}  // namespace gatehouse::config
