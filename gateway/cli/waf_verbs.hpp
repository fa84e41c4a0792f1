// gatehouse waf: what can be done with rules without a running gateway. Each verb adds itself below `waf`, prints to the
// standard output and sets the exit code: 0 ok, 1 something failed or was blocked, 2 usage.
#pragma once

namespace CLI {
class App;
}

namespace gatehouse::cli {

/// Adds `waf` with all its verbs.
void add_waf(CLI::App& app, int& exit_code);

void add_waf_test(CLI::App& waf, int& exit_code);
void add_waf_explain(CLI::App& waf, int& exit_code);
void add_waf_profile(CLI::App& waf, int& exit_code);
void add_waf_serve(CLI::App& waf, int& exit_code);

}  // namespace gatehouse::cli
