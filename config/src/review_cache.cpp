// The cache: names of policies that have to exist or be unique, settings without effect, sizes that do not fit.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "gatehouse/config/managed_policies.hpp"
#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// Behaviors of one listener: their policies, and patterns that are never reached.
void review_behaviors(const Config& config, std::size_t listener, std::set<std::string>& used, Findings& findings) {
  std::vector<std::string_view> known = managed_cache_policy_names();
  for (const CachePolicy& policy : config.cache.policies) known.push_back(policy.name);
  bool everything = false;
  const std::vector<Behavior>& behaviors = config.listeners[listener].behaviors;
  for (std::size_t i = 0; i < behaviors.size(); ++i) {
    const std::string field = item(item("listeners", listener) + ".behaviors", i);
    const std::string& name = behaviors[i].cache_policy;
    used.insert(name);
    const bool exists = std::find(known.begin(), known.end(), name) != known.end() || managed_cache_policy(name) != nullptr;
    if (!name.empty() && !exists) {
      findings.error(field + ".cache_policy", fmt::format("there is no cache policy {}", quote(name)),
                     suggestion(name, known, "cache.policies"));
    }
    if (everything) {
      findings.warning(field, "no request gets here: an earlier behavior takes all", "put it before that one, or remove it");
    }
    everything = everything || behaviors[i].path_pattern == "*" || behaviors[i].path_pattern == "/*";
  }
}

/// Keys that the other profile has.
void review_profile(const CachePolicy& policy, const std::string& field, Findings& findings) {
  constexpr std::array<std::string_view, 4> standard{"targeted_fields", "request_directives", "heuristic_max", "set_cookie"};
  constexpr std::array<std::string_view, 8> amazons{"min_ttl", "default_ttl", "max_ttl", "headers_config", "cookies_config",
                                                    "query_strings_config", "enable_accept_encoding_gzip",
                                                    "enable_accept_encoding_brotli"};
  const bool cloudfront = policy.profile == CacheProfile::cloudfront;
  for (const std::string_view key : cloudfront ? std::span<const std::string_view>(standard) : amazons) {
    const std::string place = fmt::format("{}.{}", field, key);
    if (!findings.given(place)) continue;
    findings.error(place, fmt::format("has no effect in profile {}", cloudfront ? "cloudfront" : "rfc9111"),
                   fmt::format("remove it, or say profile: {}", cloudfront ? "rfc9111" : "cloudfront"));
  }
  if (!cloudfront) return;
  if (policy.min_ttl > policy.max_ttl) findings.error(field + ".min_ttl", "is more than max_ttl", "MinTTL <= DefaultTTL <= MaxTTL");
  if (policy.default_ttl > policy.max_ttl || policy.default_ttl < policy.min_ttl) {
    findings.error(field + (findings.given(field + ".default_ttl") ? ".default_ttl" : ""), "default_ttl is not between min_ttl and max_ttl",
                   "MinTTL <= DefaultTTL <= MaxTTL");
  }
  review_lists(policy.headers_config, policy.cookies_config, policy.query_strings_config, field, findings);
  review_key_headers(policy, field, findings);
}

}  // namespace

void review_cache(const Config& config, Findings& findings) {
  std::set<std::string> used;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) review_behaviors(config, i, used, findings);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.cache.policies.size(); ++i) {
    const std::string& name = config.cache.policies[i].name;
    names.push_back({name, item("cache.policies", i) + ".name"});
    if (managed_cache_policy(name) != nullptr) {
      findings.error(item("cache.policies", i) + ".name", fmt::format("{} is the name of a managed policy", quote(name)),
                     "choose another, so that everybody knows which one is meant");
    }
    review_profile(config.cache.policies[i], item("cache.policies", i), findings);
    if (!name.empty() && !used.contains(name)) {
      findings.warning(item("cache.policies", i), fmt::format("cache policy {} is not used", quote(name)),
                       "name it in a listener's behaviors, or remove it");
    }
  }
  refuse_duplicates(names, "cache policy", findings);
  if (findings.given("cache.object_max") && config.cache.object_max > config.cache.memory) {
    findings.error("cache.object_max", fmt::format("is more than the whole cache.memory ({})", show_size(config.cache.memory)),
                   "an object has to fit several times; a tenth of the memory is a good start");
  }
  const CacheDisk& disk = config.cache.disk;
  if (disk.object_max > disk.size / 2) {
    findings.error("cache.disk.object_max", fmt::format("is more than half of cache.disk.size ({})", show_size(disk.size)),
                   "others have to fit beside it; a quarter is what it is without the key");
  }
}

}  // namespace gatehouse::config
