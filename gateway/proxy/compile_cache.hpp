// The cache's part of compile(): policies and the cache itself. Control thread.
#pragma once

#include "gatehouse/config/model.hpp"
#include "gateway/proxy/shared_cache.hpp"

namespace gatehouse::proxy {

std::unique_ptr<CompiledCachePolicy> compile_cache_policy(const config::CachePolicy& from);

/// An empty cache with a secret of its own.
std::shared_ptr<SharedCache> make_shared_cache(const config::Cache& settings);

}  // namespace gatehouse::proxy
