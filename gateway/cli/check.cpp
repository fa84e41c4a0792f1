// gatehouse check: is a configuration right? Loads it as `run` would, looks at the files it names, and prints every
// problem at once, for people or as JSON.
#include <iostream>

#include "gatehouse/config/load.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/verbs.hpp"
#include "gateway/proxy/compile_signing.hpp"
#include "gateway/proxy/web_acl.hpp"

namespace gatehouse::cli {
namespace {

struct Options {
  std::string file;
  std::string format{"text"};
};

/// Rules are part of what is right or wrong. Compiling them here also fills the cache for the start that follows.
void check_rules(const config::Config& config, config::Problems& problems) {
  for (const config::WebAcl& acl : config.web_acls) {
    if (acl.mode == config::WebAclMode::off) continue;
    const auto rules = proxy::load_web_acl(acl, proxy::rule_cache_folder(config.rule_cache), {&problems, {}, proxy::on_all_processors()});
    if (!rules) problems.append(rules.error());
  }
}

int check(const Options& options) {
  config::Problems problems;
  config::LoadOptions load_options;
  load_options.warnings = &problems;
  const auto loaded = config::load_file(options.file, load_options);
  if (loaded) {
    problems.append(config::check_files(*loaded));
    check_rules(*loaded, problems);
    proxy::load_public_keys(*loaded, problems);
  } else {
    problems = loaded.error();
  }
  if (options.format == "json") {
    std::cout << config::to_json(problems) << '\n';
  } else {
    std::cerr << config::to_text(problems);
    if (problems.errors() == 0) {
      std::cout << options.file << ": ok";
      if (problems.warnings() != 0) std::cout << ", " << problems.warnings() << " warning(s)";
      std::cout << '\n';
    } else {
      std::cerr << options.file << ": " << problems.errors() << " error(s), " << problems.warnings() << " warning(s)\n";
    }
  }
  return problems.errors() == 0 ? 0 : 1;
}

}  // namespace

void add_check(Verb above) {
  auto options = std::make_shared<Options>();
  Verb verb = above.verb("check", "Check a configuration and print all that is wrong with it");
  verb.option("-c,--config", options->file, "The configuration file (YAML)").required();
  verb.format_option(options->format);
  verb.footer("Example:\n  gatehouse check -c gatehouse.yaml\nExit code 1 when there is an error; warnings alone are 0.\n");
  verb.does([options] { return check(*options); });
}

}  // namespace gatehouse::cli
