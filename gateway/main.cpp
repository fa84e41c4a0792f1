// gatehouse: the command line. Each verb lives in a file of its own under cli/.
#include <algorithm>
#include <csignal>

#include "gateway/cli/client_verbs.hpp"
#include "gateway/cli/sign.hpp"
#include "gateway/cli/verb.hpp"
#include "gateway/cli/verbs.hpp"
#include "gateway/cli/waf_verbs.hpp"

namespace {

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
  gatehouse::cli::CommandLine line("gatehouse", about, first_steps);
  gatehouse::cli::Verb top = line.top();
  top.needs_verb();
  gatehouse::cli::add_run(top);
  gatehouse::cli::add_check(top);
  gatehouse::cli::add_demo(top);
  gatehouse::cli::add_status(top);
  gatehouse::cli::add_reload(top);
  gatehouse::cli::add_drain(top);
  gatehouse::cli::add_purge(top);
  gatehouse::cli::add_cache(top);
  gatehouse::cli::add_sign(top);
  gatehouse::cli::add_waf(top);
  gatehouse::cli::add_version(top);
  return line.run({argv + std::min(argc, 1), argv + argc});
}
