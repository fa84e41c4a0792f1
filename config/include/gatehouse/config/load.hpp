// From YAML text to a checked Config, or to everything that is wrong with it. Keys are strict (unknown, duplicate and
// mistyped ones are errors), `${NAME}`, `${NAME:-default}` and `$$` are expanded inside values, relative file names
// start at the configuration file's folder. No exception leaves. load_text() touches no file and runs no command;
// whether the files it names can be used is check_files()'s business. Any thread; the result is plain data.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::config {

/// The value of an environment variable, or none when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// Looks into the process's environment.
std::optional<std::string> process_environment(std::string_view name);

struct LoadOptions {
  Environment environment{process_environment};
  std::string folder;  // where relative file names start; empty: the configuration file's own folder
  std::size_t bytes_max{4 * 1024 * 1024};  // of the file
  std::size_t nodes_max{200'000};          // values in the document, with aliases written out
  std::size_t depth_max{32};               // nesting
  Problems* warnings{nullptr};             // where warnings go when loading succeeds; a failure carries them itself
};

Result<Config, Problems> load_file(const std::string& path, const LoadOptions& options = {});
Result<Config, Problems> load_text(std::string_view text, const std::string& name, const LoadOptions& options = {});

/// Whether the files the configuration names exist, can be read and look like what they should be. Reads files, runs
/// no command.
Problems check_files(const Config& config);

}  // namespace gatehouse::config
