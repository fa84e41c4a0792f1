// gatehouse run: serves a configuration in the foreground.
#include <iostream>

#include "gatehouse/config/load.hpp"
#include "gateway/cli/service.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/verbs.hpp"

namespace gatehouse::cli {
namespace {

struct RunOptions {
  std::string file;
  unsigned workers{0};
};

/// The configuration with all that can be known to be wrong before it is tried.
Result<config::Config, config::Problems> load(const std::string& file) {
  config::Problems problems;
  config::LoadOptions options;
  options.warnings = &problems;
  auto loaded = config::load_file(file, options);
  if (!loaded) return loaded;
  problems.append(config::check_files(*loaded));
  if (problems.errors() != 0) return Failure{std::move(problems)};
  if (!problems.empty()) std::cerr << config::to_text(problems);
  return loaded;
}

int run(const RunOptions& options) {
  auto config = load(options.file);
  if (!config) {
    std::cerr << config::to_text(config.error()) << options.file << ": " << config.error().errors() << " error(s); not started\n";
    return 1;
  }
  Service service(worker_count(options.workers, *config), options.file, [&options] { return load(options.file); });
  if (!service.start(std::move(*config))) return 1;
  std::cout << service.ready_line() << std::endl;
  service.run();
  return 0;
}

}  // namespace

void add_run(Verb above) {
  auto options = std::make_shared<RunOptions>();
  Verb verb = above.verb("run", "Serve a configuration in the foreground");
  verb.option("-c,--config", options->file, "The configuration file (YAML)").required();
  verb.option("--workers", options->workers, "Worker threads; default: as configured, else one per core")
      .between(1, 1024);
  verb.footer(
      "Prints one line `ready NAME=ADDRESS... admin=ADDRESS` once it serves.\n"
      "Signals: HUP reloads the configuration, USR1 reopens the logs, TERM drains and stops, a second TERM stops now.\n"
      "Example:\n  gatehouse run -c gatehouse.yaml\n");
  verb.does([options] { return run(*options); });
}

}  // namespace gatehouse::cli
