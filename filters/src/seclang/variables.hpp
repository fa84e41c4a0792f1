// Variables of ModSecurity's language: from names to the fields of the program, and from text to targets and templates.
#pragma once

#include <string_view>
#include <vector>

#include "rules/rule.hpp"
#include "seclang/lexer.hpp"

namespace gatehouse::filters::seclang {

/// What a variable name stands for. `key` is fixed for variables that are one member of a field, such as TIME_HOUR.
struct VariableKind {
  std::string_view name;
  FieldSet fields{0};
  std::string_view key;
  bool takes_key{false};  // whether NAME:key is possible
};

/// The variable of that name in any letter case, or null.
const VariableKind* find_variable(std::string_view name) noexcept;
std::vector<std::string_view> variable_names();

/// Where problems of one file go.
struct Report {
  const std::string& file;
  Problems& problems;
  void error(Position at, std::string message, std::string hint = {}) const {
    problems.push_back({{file, at.line, at.column}, std::move(message), std::move(hint), false});
  }
  void warn(Position at, std::string message, std::string hint = {}) const {
    problems.push_back({{file, at.line, at.column}, std::move(message), std::move(hint), true});
  }
};

struct Targets {
  std::vector<Target> selected;
  std::vector<Target> excluded;
};

/// Reads `NAME:key|!NAME:/expression/|&NAME`.
Targets parse_targets(const Text& text, const Report& report);
/// Reads text with %{NAME.key} references.
Template parse_template(const Text& text, const Report& report);

}  // namespace gatehouse::filters::seclang
