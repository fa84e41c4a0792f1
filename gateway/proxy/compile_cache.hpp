// The cache's part of compile(): policies and the cache itself. Control thread.
#pragma once

#include "gatehouse/config/model.hpp"
#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

std::unique_ptr<CompiledCachePolicy> compile_cache_policy(const config::CachePolicy& from);

/// The cache, with what its disk tier still has from before; or why that cannot be opened.
Result<std::shared_ptr<SharedCache>, std::string> make_shared_cache(const config::Cache& settings);

}  // namespace gatehouse::proxy
