#include "gatehouse/config/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "quote.hpp"

namespace gatehouse::config {
namespace {

constexpr std::size_t source_max = 160;  // bytes of a source line that are shown

std::string_view name_of(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// The source line as a terminal may see it: control characters, tabs among them, become one space each, so that the
/// caret below stays in step.
std::string printable(std::string_view line) {
  std::string out(line);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

/// Columns count bytes, terminals count characters: continuation bytes take no place.
std::size_t width_before(std::string_view line, int column) {
  const std::string_view before = line.substr(0, static_cast<std::size_t>(std::max(column - 1, 0)));
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(before.begin(), before.end(), is_start));
}

/// The line and a caret below the column. Very long lines are left out: the caret would be off the screen.
void append_source(std::string& out, const Problem& problem) {
  const bool beyond = static_cast<std::size_t>(std::max(problem.column, 0)) > problem.source.size() + 1;
  if (problem.source.empty() || problem.source.size() > source_max || beyond) return;
  const std::string number = fmt::format("{:>5}", problem.line);
  out += fmt::format("{} | {}\n", number, printable(problem.source));
  out += fmt::format("{:{}} | {:{}}^\n", "", number.size(), "", width_before(problem.source, problem.column));
}

void append_text(std::string& out, const Problem& problem) {
  if (!problem.file.empty()) out += problem.file + ":";
  if (problem.line > 0) out += fmt::format("{}:{}:", problem.line, problem.column);
  if (!out.empty() && out.back() == ':') out += ' ';
  out += fmt::format("{}: ", name_of(problem.severity));
  if (!problem.field.empty()) out += problem.field + ": ";
  out += problem.message + "\n";
  append_source(out, problem);
  if (!problem.hint.empty()) out += "      = hint: " + problem.hint + "\n";
}

void append_json(std::string& out, const Problem& problem) {
  out += fmt::format(R"({{"severity":"{}","file":{},"line":{},"column":{},)", name_of(problem.severity),
                     json_quoted(problem.file), problem.line, problem.column);
  out += fmt::format(R"("field":{},"message":{},"hint":{}}})", json_quoted(problem.field), json_quoted(problem.message),
                     json_quoted(problem.hint));
}

}  // namespace

void Problems::add(Problem problem) {
  ++(problem.severity == Severity::error ? errors_ : warnings_);
  if (!full()) kept_.push_back(std::move(problem));
}

void Problems::append(const Problems& others) {
  const std::size_t errors = errors_ + others.errors_;  // with what the others only counted
  const std::size_t warnings = warnings_ + others.warnings_;
  for (const Problem& problem : others) add(problem);
  errors_ = errors;
  warnings_ = warnings;
}

void Problems::sort_by_place() {
  std::vector<std::size_t> order(kept_.size());
  std::iota(order.begin(), order.end(), 0u);
  // The index keeps problems of one place in the order they were found. (std::stable_sort would do the same, but clang
  // warns about what libstdc++ 12 uses inside it.)
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(kept_[a].file, kept_[a].line, kept_[a].column, a) <
           std::tie(kept_[b].file, kept_[b].line, kept_[b].column, b);
  });
  std::vector<Problem> sorted;
  sorted.reserve(kept_.size());
  for (const std::size_t index : order) sorted.push_back(std::move(kept_[index]));
  kept_ = std::move(sorted);
}

void Problems::attach_sources(std::string_view file, std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  for (Problem& problem : kept_) {
    const auto index = static_cast<std::size_t>(problem.line) - 1;
    if (problem.line > 0 && problem.file == file && index < lines.size()) problem.source = std::string(lines[index]);
  }
}

std::string to_text(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems) {
    std::string one;
    append_text(one, problem);
    out += one;
  }
  const std::size_t hidden = problems.errors() + problems.warnings() - problems.size();
  if (hidden > 0) out += fmt::format("... and {} more\n", hidden);
  return out;
}

std::string to_json(const Problems& problems) {
  std::string out = fmt::format(R"({{"errors":{},"warnings":{},"problems":[)", problems.errors(), problems.warnings());
  for (const Problem& problem : problems) {
    if (out.back() != '[') out += ',';
    append_json(out, problem);
  }
  return out + "]}\n";
}

}  // namespace gatehouse::config
