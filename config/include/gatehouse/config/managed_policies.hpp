// Amazon's managed policies: cache policies and origin request policies that exist without being written down, by their
// names and by their ids, as templates name them (Amazon CloudFront Developer Guide, "Use managed cache policies" and
// "Use managed origin request policies"). Any thread.
#pragma once

#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"

namespace gatehouse::config {

/// The managed policy of that name or id, or null.
const CachePolicy* managed_cache_policy(std::string_view name_or_id);
const OriginRequestPolicy* managed_origin_request_policy(std::string_view name_or_id);

/// Their names, for suggestions.
std::vector<std::string_view> managed_cache_policy_names();
std::vector<std::string_view> managed_origin_request_policy_names();

}  // namespace gatehouse::config
