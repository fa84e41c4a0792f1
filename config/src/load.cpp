// Text -> tree (tree.hpp) -> structs (sections.hpp) -> checks across values (review.hpp). Each step goes on as far as
// it can, so that one run shows everything that is wrong.
#include "gatehouse/config/load.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "reader.hpp"
#include "review.hpp"
#include "sections.hpp"
#include "tree.hpp"

namespace gatehouse::config {
namespace {

Problems one_problem(const std::string& file, std::string message, std::string hint = {}) {
  Problem problem;
  problem.file = file;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  Problems problems;
  problems.add(std::move(problem));
  return problems;
}

Problems too_large(const std::string& file, const LoadOptions& options) {
  return one_problem(file, fmt::format("the file is larger than {} bytes", options.bytes_max));
}

/// Tree, structs, checks. What is found on the way goes to `problems`; the structs hold what could be read.
void read_config(const Node& tree, const std::string& name, const LoadOptions& options, Problems& problems,
                 Config& config) {
  const std::string folder =
      options.folder.empty() ? std::filesystem::path(name).parent_path().string() : options.folder;
  Reader reader(name, folder, options.environment, problems);
  read_section(reader, tree, config_section(), config);
  Findings findings(name, reader.places(), problems);
  review(config, findings);
}

}  // namespace

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

Result<Config, Problems> load_text(std::string_view text, const std::string& name, const LoadOptions& options) {
  if (text.size() > options.bytes_max) return Failure{too_large(name, options)};
  Problems problems;
  const std::optional<Node> tree = parse_tree(text, name, options, problems);
  Config config;
  if (tree && tree->kind == Node::Kind::nothing)
    return Failure{one_problem(name, "the file is empty", "the least there can be is in config/examples/minimal.yaml")};
  if (tree) read_config(*tree, name, options, problems, config);
  problems.sort_by_place();
  problems.attach_sources(name, text);
  if (problems.errors() > 0) return Failure{std::move(problems)};
  if (options.warnings != nullptr) options.warnings->append(problems);
  return config;
}

Result<Config, Problems> load_file(const std::string& path, const LoadOptions& options) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Failure{one_problem(path, "this is a folder, not a file")};
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure{one_problem(path, fmt::format("cannot open the file: {}", std::strerror(errno)))};
  // One byte more than allowed is enough to know; a pipe or /dev/zero has no size to ask for.
  std::string text(options.bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Failure{one_problem(path, fmt::format("cannot read the file: {}", std::strerror(errno)))};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load_text(text, path, options);
}

}  // namespace gatehouse::config
