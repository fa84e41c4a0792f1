#include "gateway/proxy/compile_cache.hpp"

#include "gateway/http/token.hpp"

namespace gatehouse::proxy {
namespace {

std::chrono::seconds whole_seconds(config::Milliseconds time) { return std::chrono::ceil<std::chrono::seconds>(time); }

}  // namespace

std::unique_ptr<CompiledCachePolicy> compile_cache_policy(const config::CachePolicy& from) {
  auto out = std::make_unique<CompiledCachePolicy>();
  cache::Policy& policy = out->policy;
  policy.name = from.name;
  policy.targeted_fields = from.targeted_fields;
  for (std::string& name : policy.targeted_fields) {
    for (char& c : name) c = http::lower(c);
  }
  policy.honour_request_directives = from.request_directives == config::RequestDirectives::revalidate;
  policy.heuristic_max = whole_seconds(from.heuristic_max);
  policy.stale_while_revalidate = whole_seconds(from.stale_while_revalidate);
  policy.stale_if_error = whole_seconds(from.stale_if_error);
  policy.stale_on_dead_origin = false;  // bounded by stale_if_error instead
  policy.stale_deadline = from.stale_deadline;
  out->cache_status = from.cache_status;
  return out;
}

Result<std::shared_ptr<SharedCache>, std::string> make_shared_cache(const config::Cache& settings) {
  cache::StoreOptions options;
  options.bytes_max = settings.memory;
  options.object_max = settings.object_max;
  if (settings.disk.path.empty()) {
    options.secret = cache::random_secret();
    return std::make_shared<SharedCache>(options);
  }
  auto volume = cache::Volume::open(settings.disk.path);
  if (!volume) return Failure{volume.error()};
  options.secret = (*volume)->secret();  // what is on disk is found by keys made with it
  auto out = std::make_shared<SharedCache>(options);
  cache::DiskOptions disk;
  disk.bytes_max = settings.disk.size;
  out->disk = std::make_unique<cache::DiskTier>(std::move(*volume), out->store.purges(), disk);
  return out;
}

}  // namespace gatehouse::proxy
