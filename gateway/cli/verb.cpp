#include "gateway/cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <utility>

namespace gatehouse::cli {
namespace {

constexpr int usage_error = 2;

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::show_default() {
  option_->capture_default_str();
  return *this;
}

Option& Option::one_of(std::vector<std::string> choices) {
  option_->check(CLI::IsMember(std::move(choices)));
  return *this;
}

Option& Option::between(unsigned low, unsigned high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option& Option::one_value_each() {
  option_->allow_extra_args(false);
  return *this;
}

Option& Option::excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Option& Option::needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

Verb Verb::verb(const std::string& name, const std::string& about) { return {app_->add_subcommand(name, about), exit_code_}; }

Verb& Verb::needs_verb() {
  app_->require_subcommand(1);
  return *this;
}

Verb& Verb::footer(const std::string& text) {
  app_->footer(text);
  return *this;
}

Option Verb::option(const std::string& names, std::string& to, const std::string& about) {
  return Option(app_->add_option(names, to, about));
}

Option Verb::option(const std::string& names, unsigned& to, const std::string& about) {
  return Option(app_->add_option(names, to, about));
}

Option Verb::option(const std::string& names, std::uint16_t& to, const std::string& about) {
  return Option(app_->add_option(names, to, about));
}

Option Verb::option(const std::string& names, std::vector<std::string>& to, const std::string& about) {
  return Option(app_->add_option(names, to, about));
}

void Verb::flag(const std::string& names, bool& to, const std::string& about) { app_->add_flag(names, to, about); }

void Verb::format_option(std::string& to) { option("--format", to, "text or json").one_of({"text", "json"}).show_default(); }

void Verb::does(std::function<int()> work) {
  app_->callback([work = std::move(work), exit_code = exit_code_] { *exit_code = work(); });
}

bool Verb::called() const { return app_->parsed(); }

CommandLine::CommandLine(const std::string& name, const std::string& about, const std::string& footer)
    : app_(std::make_unique<CLI::App>(about, name)) {
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Verb CommandLine::top() { return {app_.get(), &exit_code_}; }

int CommandLine::run(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    std::cerr << app_->help();
    return usage_error;
  }
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? 0 : usage_error;
  }
  return exit_code_;
}

}  // namespace gatehouse::cli
