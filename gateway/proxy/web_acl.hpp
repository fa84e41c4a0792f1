// Web ACLs: rule sets as a configuration names them, made ready for the data plane. Loading reads files and, when
// their compiled patterns are not in the cache folder, takes seconds: a thread of its own, never a worker's.
// A CompiledWebAcl is part of the snapshot, immutable, shared by all workers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "gatehouse/filters/rule_set.hpp"
#include "gateway/observe/counters.hpp"

namespace gatehouse::proxy {

struct CompiledWebAcl {
  const config::WebAcl* config{nullptr};
  std::shared_ptr<const filters::RuleSet> rules;
  filters::RuleSetFacts facts;
  std::uint32_t index{0};      // in the snapshot's list
  std::uint64_t text_hash{0};  // of the rule files, to see that a reload read others
  observe::SeriesId series{observe::series_other};
  struct RuleSeries {
    std::uint32_t rule{0};
    observe::SeriesId series{observe::series_other};
  };
  std::vector<RuleSeries> rule_series;  // by rule

  observe::SeriesId series_of(std::uint32_t rule) const noexcept;
};

/// Text in the rules' language that is read before and after everything else.
struct RuleTexts {
  std::string before;
  std::string after;
};
struct LoadMore {
  config::Problems* warnings{nullptr};  // where they go; null: nowhere
  RuleTexts around;
  filters::RunJobs run_jobs;           // null: everything on this thread
};

/// The rules of a web ACL with its settings around them. Problems of rule files carry their own places.
Result<std::shared_ptr<const filters::RuleSet>, config::Problems> load_web_acl(const config::WebAcl& acl, const std::string& cache_folder,
                                                                               const LoadMore& more = {});

/// Compiles on all processors: for before anything is served.
filters::RunJobs on_all_processors();

/// The rules of all web ACLs that are not off, or what is wrong with them, by the ACL's name.
using LoadedAcls = std::map<std::string, Result<std::shared_ptr<const filters::RuleSet>, config::Problems>>;
LoadedAcls load_web_acls(const config::Config& config, const filters::RunJobs& run_jobs);

/// What stands before and after an ACL's files, in the rules' own language: limits, mode, paranoia, exclusions.
std::string text_before(const config::WebAcl& acl);
std::string text_after(const config::WebAcl& acl);

/// Problems of rule text as those of a configuration.
config::Problems to_config_problems(const filters::Problems& problems, const std::string& field);

/// The folder of compiled patterns: the configured one, else the one that the environment names, else none.
std::string rule_cache_folder(const std::string& configured);

std::uint64_t hash_of_files(const std::vector<std::string>& files);

}  // namespace gatehouse::proxy
