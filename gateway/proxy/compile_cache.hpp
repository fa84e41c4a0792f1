// The cache's part of compile(): policies and the cache itself. Control thread.
#pragma once

#include "gatehouse/config/model.hpp"
#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

std::unique_ptr<CompiledCachePolicy> compile_cache_policy(const config::CachePolicy& from);

/// What an origin request policy, or none, and a cache policy let through. Tells the cache policy what is sent that is not in
/// its key.
cdn::OriginRequestRules compile_origin_request(const config::OriginRequestPolicy* from, CompiledCachePolicy& policy);

/// The cache, with what its disk tier still has from before; or why that cannot be opened.
Result<std::shared_ptr<SharedCache>, std::string> make_shared_cache(const config::Cache& settings);

}  // namespace gatehouse::proxy
