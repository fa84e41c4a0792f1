#include "seclang/loader.hpp"

#include <glob.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/ascii.hpp"

namespace gatehouse::filters::seclang {

namespace {

constexpr unsigned include_depth_max = 16;

std::optional<std::string> text_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

/// The files of a glob by name; the pattern itself when it has no magic.
std::vector<std::string> files_of(const std::string& pattern) {
  std::vector<std::string> files;
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string Loader::resolve(std::string_view name) const {
  const std::filesystem::path path(name);
  return path.is_absolute() ? path.string() : (std::filesystem::path(file_).parent_path() / path).string();
}

std::optional<std::string> Loader::read(std::string_view name) { return text_of(resolve(name)); }

void Loader::load_files(const std::string& pattern) {
  const auto files = files_of(pattern);
  if (files.empty()) problems_.push_back({{pattern, 0, 0}, "no file has such a name", ""});
  for (const std::string& file : files) load_file(file);
}

void Loader::load_file(const std::string& path) {
  const auto text = text_of(path);
  if (!text) {
    problems_.push_back({{path, 0, 0}, "cannot read the file", ""});
    return;
  }
  load_text(path, *text);
}

void Loader::load_text(const std::string& name, std::string_view text) {
  const std::string outer = std::exchange(file_, name);
  for (const Directive& directive : lex(text, file_, problems_)) {
    run_directive(Context{*this, directive, Report{file_, problems_}});
  }
  file_ = outer;
}

void Loader::include(const Context& context, bool optional) {
  const std::string pattern = resolve(context.argument(0).view());
  const auto files = files_of(pattern);
  const bool missing = files.empty() || (files.size() == 1 && !std::filesystem::exists(files[0]));
  if (missing) {
    if (!optional) context.report.error(context.argument(0).at(0), "no such file: " + pattern);
    return;
  }
  if (depth_ == include_depth_max) return context.report.error(context.place(), "files include each other too deeply");
  ++depth_;
  for (const std::string& file : files) load_file(file);
  --depth_;
}

void Loader::check_chain_ended() {
  if (!chain_open_) return;
  if (!chain_broken_) {
    Rule& rule = source_.rules.back();
    problems_.push_back({rule.place, "the chain of this rule ends without its last rule", ""});
  }
  chain_open_ = chain_broken_ = false;
}

void Loader::finish() { check_chain_ended(); }

void Loader::add_marker(const Context& context) {
  check_chain_ended();
  Rule marker;
  marker.marker = context.argument(0).string();
  source_.rules.push_back(std::move(marker));
}

void Loader::set_default_action(const Context& context) {
  Actions actions = read_actions(context.argument(0), context.report);
  if (!actions.phase) return context.report.error(context.place(), "SecDefaultAction must name a phase");
  if (!actions.disruption) return context.report.error(context.place(), "SecDefaultAction must name a disruptive action");
  if (*actions.disruption == ActionKind::block) {
    return context.report.error(context.place(), "block stands for this action, so it cannot be block itself");
  }
  if (!actions.link.effects.empty() || actions.rule.id != 0 || actions.chained) {
    return context.report.error(context.place(), "SecDefaultAction holds only what rules can inherit");
  }
  Inherited& all = inherited_[static_cast<unsigned>(*actions.phase)];
  all.disruption = *actions.disruption;
  all.status = actions.status.value_or(403);
  all.location = actions.rule.action.location;
  all.log = actions.log.value_or(true);
  all.audit = actions.audit.value_or(all.log);
  all.transforms = actions.link.transforms;
}

}  // namespace gatehouse::filters::seclang
