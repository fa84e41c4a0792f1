// What the configuration tests share: loading a text without the process's environment, and problems as short lines.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/load.hpp"

namespace gatehouse::config {

inline const std::map<std::string, std::string, std::less<>> test_environment{
    {"PORT", "9001"}, {"EMPTY", ""}, {"TRICKY", "a: [b, ${PORT}]"}};

inline LoadOptions test_options() {
  LoadOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    const auto found = test_environment.find(name);
    return found == test_environment.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  return options;
}

inline std::vector<std::string> lines_of(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    std::string line = std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": ";
    line += problem.severity == Severity::warning ? "warning: " : "";
    line += problem.field.empty() ? "" : problem.field + ": ";
    line += problem.message + (problem.hint.empty() ? "" : " (" + problem.hint + ")");
    lines.push_back(line);
  }
  return lines;
}

/// Errors and warnings alike, whether loading succeeds or not.
inline std::vector<std::string> problems_of(std::string_view text, LoadOptions options = test_options()) {
  Problems warnings;
  options.warnings = &warnings;
  const auto loaded = load_text(text, "test.yaml", options);
  return lines_of(loaded ? warnings : loaded.error());
}

/// The configuration; the test fails when it has a problem of any kind.
inline Config load_clean(std::string_view text) {
  Problems warnings;
  LoadOptions options = test_options();
  options.warnings = &warnings;
  auto loaded = load_text(text, "test.yaml", options);
  EXPECT_TRUE(loaded) << to_text(loaded.error());
  EXPECT_TRUE(warnings.empty()) << to_text(warnings);
  return loaded ? *std::move(loaded) : Config{};
}

/// The least that loads, in four lines; tests append theirs, indented by four for the listener.
inline const std::string one_listener =
    "listeners:\n"
    "  - name: http\n"
    "    address: \"127.0.0.1:8080\"\n"
    "    default_actions: [ { fixed_response: { status_code: 404 } } ]\n";

}  // namespace gatehouse::config
