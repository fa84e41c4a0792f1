// The verbs of the command line. Each adds itself to the application with its help, and sets `exit_code` when it was
// the one called: 0 ok, 1 failed or invalid configuration, 2 usage (interfaces: command line).
#pragma once

namespace CLI {
class App;
}

namespace gatehouse::cli {

void add_run(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);

}  // namespace gatehouse::cli
