// Which rules an offline WAF verb uses: files named on the command line, or a web ACL of a configuration. They are
// loaded the way the gateway loads them, so that what an offline verb says holds there too.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/filters/rule_set.hpp"

namespace gatehouse::cli {

class Verb;

struct WafRuleOptions {
  std::vector<std::string> rules;
  std::string config_file;
  std::string web_acl;
  unsigned paranoia{0};     // 0: as configured, or 1
  unsigned threshold{0};
  bool detect{false};
  std::vector<std::string> set;  // name=value of tx variables
};

void add_rule_options(Verb verb, WafRuleOptions& options);

struct LoadedRules {
  std::shared_ptr<const filters::RuleSet> rules;
  config::WebAcl acl;
  double seconds{0};
};

/// Prints what is wrong; null rules then.
LoadedRules load_rules(const WafRuleOptions& options);

}  // namespace gatehouse::cli
