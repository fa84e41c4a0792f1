#include <CLI/CLI.hpp>

#include "gateway/cli/waf_verbs.hpp"

namespace gatehouse::cli {

void add_waf(CLI::App& app, int& exit_code) {
  CLI::App* const waf = app.add_subcommand("waf", "Work with the rules of web ACLs: test, explain, profile, serve");
  waf->require_subcommand(1);
  add_waf_test(*waf, exit_code);
  add_waf_explain(*waf, exit_code);
  add_waf_profile(*waf, exit_code);
  add_waf_serve(*waf, exit_code);
}

}  // namespace gatehouse::cli
