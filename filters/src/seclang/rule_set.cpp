// RuleSet::load_seclang(): the front end and the compiler together.
#include "gatehouse/filters/rule_set.hpp"

#include <algorithm>

#include "rules/program.hpp"
#include "seclang/loader.hpp"

namespace gatehouse::filters {

Result<std::shared_ptr<const RuleSet>, Problems> RuleSet::load_seclang(const std::vector<std::string>& files,
                                                                      const RuleSetOptions& options) {
  seclang::Loader loader;
  for (const RuleText& each : options.before) loader.load_text(each.name, each.text);
  for (const std::string& file : files) loader.load_files(file);
  for (const RuleText& each : options.after) loader.load_text(each.name, each.text);
  loader.finish();
  Problems& problems = loader.problems();
  const bool usable = std::all_of(problems.begin(), problems.end(), [](const Problem& each) { return each.warning; });
  if (!usable) return Failure{std::move(problems)};

  auto program = compile(std::move(loader.source()), {options.cache_folder, options.run_jobs});
  if (!program) return Failure{program.error()};
  std::shared_ptr<RuleSet> rules(new RuleSet());
  rules->program_ = std::move(*program);
  rules->warnings_ = std::move(problems);
  return std::shared_ptr<const RuleSet>(std::move(rules));
}

}  // namespace gatehouse::filters
