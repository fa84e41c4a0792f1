// gatehouse: the command line. Each verb lives in a file of its own under cli/.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "gateway/cli/client_verbs.hpp"
#include "gateway/cli/verbs.hpp"
#include "gateway/cli/waf_verbs.hpp"

namespace {

constexpr int usage_error = 2;

constexpr const char* about =
    "Gatehouse: an edge gateway for HTTP. It terminates TLS, filters and routes requests, and spreads them over healthy,\n"
    "weighted endpoints in one or more regions.";

constexpr const char* first_steps =
    "First steps:\n"
    "  gatehouse demo                       see it work: a gateway with four origins in two regions\n"
    "  gatehouse check -c gatehouse.yaml    is this configuration right? all problems at once\n"
    "  gatehouse run -c gatehouse.yaml      serve it in the foreground\n"
    "  gatehouse status                     what the running gateway sees and does\n"
    "  gatehouse waf explain ...            why rules block a request, or do not\n"
    "Exit codes: 0 ok, 1 failed or invalid configuration, 2 usage.\n";

}  // namespace

int main(int argc, char** argv) {
  // Peers that go away are told by the result of a write, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app(about, "gatehouse");
  app.footer(first_steps);
  app.require_subcommand(1);
  int exit_code = 0;
  gatehouse::cli::add_run(app, exit_code);
  gatehouse::cli::add_check(app, exit_code);
  gatehouse::cli::add_demo(app, exit_code);
  gatehouse::cli::add_status(app, exit_code);
  gatehouse::cli::add_reload(app, exit_code);
  gatehouse::cli::add_drain(app, exit_code);
  gatehouse::cli::add_waf(app, exit_code);
  gatehouse::cli::add_version(app, exit_code);
  if (argc == 1) {
    std::cerr << app.help();
    return usage_error;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage_error;
  }
  return exit_code;
}
