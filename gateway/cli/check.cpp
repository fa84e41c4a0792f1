// gatehouse check: is a configuration right? Loads it as `run` would, looks at the files it names, and prints every
// problem at once, for people or as JSON.
#include <CLI/CLI.hpp>
#include <iostream>

#include "gatehouse/config/load.hpp"
#include "gateway/cli/verbs.hpp"

namespace gatehouse::cli {
namespace {

struct Options {
  std::string file;
  std::string format{"text"};
};

int check(const Options& options) {
  config::Problems problems;
  config::LoadOptions load_options;
  load_options.warnings = &problems;
  const auto loaded = config::load_file(options.file, load_options);
  if (loaded) {
    problems.append(config::check_files(*loaded));
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

void add_check(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check", "Check a configuration and print all that is wrong with it");
  verb->add_option("-c,--config", options->file, "The configuration file (YAML)")->required();
  verb->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  verb->footer("Example:\n  gatehouse check -c gatehouse.yaml\nExit code 1 when there is an error; warnings alone are 0.\n");
  verb->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace gatehouse::cli
