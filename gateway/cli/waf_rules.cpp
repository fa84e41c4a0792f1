#include "gateway/cli/waf_rules.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

#include "gatehouse/config/load.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/proxy/web_acl.hpp"

namespace gatehouse::cli {
namespace {

/// The web ACL of a configuration that is meant; null, with a message, when it is not clear which.
const config::WebAcl* choose(const config::Config& config, const WafRuleOptions& options) {
  std::string names;
  for (const config::WebAcl& acl : config.web_acls) {
    if (acl.name == options.web_acl || (options.web_acl.empty() && config.web_acls.size() == 1)) return &acl;
    names += (names.empty() ? "" : ", ") + acl.name;
  }
  std::cerr << "gatehouse: choose one of the web ACLs of " << options.config_file << " with --web-acl: " << (names.empty() ? "it has none" : names)
            << '\n';
  return nullptr;
}

/// tx variables as an action of the first rule.
std::string variables_text(const std::vector<std::string>& set) {
  if (set.empty()) return {};
  std::string text = "SecAction \"id:190000000,phase:1,pass,nolog,t:none";
  for (const std::string& each : set) text += ",setvar:'tx." + each + "'";
  return text + "\"\n";
}

}  // namespace

void add_rule_options(Verb verb, WafRuleOptions& options) {
  Option rules = verb.option("-r,--rules", options.rules, "Rule files in ModSecurity's language, in order; repeatable, globs are allowed");
  rules.one_value_each();
  const Option config = verb.option("-c,--config", options.config_file, "Take the rules of a web ACL of this configuration");
  rules.excludes(config);
  verb.option("--web-acl", options.web_acl, "Which web ACL of the configuration, when it has several").needs(config);
  verb.option("--paranoia", options.paranoia, "The Core Rule Set's paranoia level, 1 to 4").between(1, 4);
  verb.option("--threshold", options.threshold, "The anomaly score that blocks a request");
  verb.option("--set", options.set, "NAME=VALUE: sets tx.NAME before the rules run; repeatable").one_value_each();
  verb.flag("--detect", options.detect, "Run the rules to the end, whatever they decide");
}

LoadedRules load_rules(const WafRuleOptions& options) {
  LoadedRules loaded;
  std::string cache;
  if (!options.config_file.empty()) {
    const auto config = config::load_file(options.config_file);
    if (!config) {
      std::cerr << config::to_text(config.error());
      return loaded;
    }
    const config::WebAcl* const acl = choose(*config, options);
    if (acl == nullptr) return loaded;
    loaded.acl = *acl;
    cache = config->rule_cache;
  } else if (options.rules.empty()) {
    std::cerr << "gatehouse: name rules with --rules, or a configuration with --config\n";
    return loaded;
  } else {
    loaded.acl.name = "rules";
    loaded.acl.rules = options.rules;
    loaded.acl.response_body.inspect = true;
  }
  if (options.paranoia != 0) loaded.acl.paranoia = options.paranoia;
  if (options.threshold != 0) loaded.acl.inbound_threshold = options.threshold;
  if (options.detect) loaded.acl.mode = config::WebAclMode::detect;
  const auto began = std::chrono::steady_clock::now();
  config::Problems warnings;
  const proxy::RuleTexts texts{variables_text(options.set), ""};
  auto rules = proxy::load_web_acl(loaded.acl, proxy::rule_cache_folder(cache), {&warnings, texts, proxy::on_all_processors()});
  if (!rules) {
    std::cerr << config::to_text(rules.error());
    return loaded;
  }
  loaded.rules = *rules;
  loaded.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return loaded;
}

}  // namespace gatehouse::cli
