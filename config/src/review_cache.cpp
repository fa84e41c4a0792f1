// The cache: names of policies that have to exist or be unique, settings without effect, sizes that do not fit.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// Behaviors of one listener: their policies, and patterns that are never reached.
void review_behaviors(const Config& config, std::size_t listener, std::set<std::string>& used, Findings& findings) {
  std::vector<std::string_view> known;
  for (const CachePolicy& policy : config.cache.policies) known.push_back(policy.name);
  bool everything = false;
  const std::vector<Behavior>& behaviors = config.listeners[listener].behaviors;
  for (std::size_t i = 0; i < behaviors.size(); ++i) {
    const std::string field = item(item("listeners", listener) + ".behaviors", i);
    const std::string& name = behaviors[i].cache_policy;
    used.insert(name);
    if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      findings.error(field + ".cache_policy", fmt::format("there is no cache policy {}", quote(name)),
                     suggestion(name, known, "cache.policies"));
    }
    if (everything) {
      findings.warning(field, "no request gets here: an earlier behavior takes all", "put it before that one, or remove it");
    }
    everything = everything || behaviors[i].path_pattern == "*" || behaviors[i].path_pattern == "/*";
  }
}

}  // namespace

void review_cache(const Config& config, Findings& findings) {
  std::set<std::string> used;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) review_behaviors(config, i, used, findings);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.cache.policies.size(); ++i) {
    const std::string& name = config.cache.policies[i].name;
    names.push_back({name, item("cache.policies", i) + ".name"});
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
}

}  // namespace gatehouse::config
