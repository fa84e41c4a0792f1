// gatehouse version: which build this is and what it was built with.
#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/cli/verbs.hpp"
#include "gateway/runtime/version.hpp"

namespace gatehouse::cli {

void add_version(CLI::App& app, int& exit_code) {
  auto format = std::make_shared<std::string>("text");
  CLI::App* verb = app.add_subcommand("version", "Print the version and what it was built with");
  verb->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  verb->callback([format, &exit_code] {
    if (*format == "json") {
      std::cout << "{\"version\":\"" << runtime::version << "\",\"compiler\":\"" << runtime::compiler << "\"}\n";
    } else {
      std::cout << "gatehouse " << runtime::version << " (" << runtime::compiler << ")\n";
    }
    exit_code = 0;
  });
}

}  // namespace gatehouse::cli
