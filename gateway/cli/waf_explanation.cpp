#include "gateway/cli/waf_explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "gateway/observe/json_text.hpp"

namespace gatehouse::cli {
namespace {

using Entry = filters::MatchTrail::Entry;
using Condition = filters::MatchTrail::Condition;
using filters::Outcome;

constexpr std::array<std::string_view, 8> severities{"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};
constexpr std::array<std::string_view, 6> phases{"", "request head", "request content", "response head", "response content", "logging"};
constexpr std::size_t shown_max = 100;  // bytes of a value on a line

std::string_view severity_name(int severity) noexcept {
  return severity >= 0 && severity < static_cast<int>(severities.size()) ? severities[static_cast<std::size_t>(severity)] : std::string_view();
}

std::string_view outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::pass: return "pass";
    case Outcome::deny: return "deny";
    case Outcome::drop: return "drop";
    case Outcome::redirect: return "redirect";
    case Outcome::allow: return "allow";
  }
  return "pass";
}

/// Text that came from a client, for a terminal: nothing in it moves the cursor.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\x{:02x}", byte);
    else if (byte >= 0x80) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  return out;
}

/// The value with marks around the part that was found; long ones are cut around it.
std::string marked(const Condition& condition) {
  const std::string_view value = condition.value;
  const std::size_t at = std::min(condition.part_at, value.size());
  const std::size_t size = std::min(condition.part_size, value.size() - at);
  const bool whole = at == 0 && size == value.size();
  const std::size_t from = at > shown_max / 2 ? at - shown_max / 2 : 0;
  const std::size_t to = std::min(value.size(), std::max(at + std::min(size, shown_max) + shown_max / 4, from + shown_max));
  std::string out = condition.cut != 0 || from != 0 ? "..." : "";
  if (whole) {
    out += shown(value.substr(from, to - from));
  } else {
    const std::size_t end = std::min(at + size, to);
    out += shown(value.substr(from, at - from)) + ">>" + shown(value.substr(at, end - at)) + "<<" + shown(value.substr(end, to - end));
  }
  return out + (to < value.size() ? "..." : "");
}

/// Operators of rule sets run over many lines; the start says which it is.
std::string condition_text(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);  // an operator without an argument
  return text.size() <= shown_max ? shown(text) : shown(text.substr(0, shown_max)) + fmt::format("... ({} bytes)", text.size());
}

void append_condition(std::string& out, const Condition& condition) {
  const bool changed = condition.original != condition.value;
  out += "      " + shown(condition.variable) + " = " + (changed ? shown(std::string_view(condition.original).substr(0, shown_max)) : marked(condition));
  if (changed && condition.original.size() > shown_max) out += "...";
  out += '\n';
  std::string names;
  for (const std::string_view name : condition.transforms) names += (names.empty() ? "" : ", ") + std::string(name);
  if (changed) {
    out += "        after " + names + ": " + marked(condition) + '\n';
  } else if (!condition.transforms.empty()) {
    out += "        which " + names + " leave" + (condition.transforms.size() == 1 ? "s" : "") + " as it is\n";
  }
  out += "        met " + condition_text(condition.condition.empty() ? "(no condition)" : condition.condition) + '\n';
}

/// Variables that a rule uses for its own ends say nothing about a verdict: captures and the texts around them.
bool worth_showing(const filters::MatchTrail::Change& change) { return change.added != 0 || change.name.find("score") != std::string::npos; }

bool worth_showing(const Entry& entry) {
  const bool scores = std::ranges::any_of(entry.changes, [](const auto& change) { return change.added != 0; });
  return (entry.matched && entry.logged) || scores || (entry.matched && entry.outcome != Outcome::pass);
}

void append_entry(std::string& out, const Entry& entry, bool all) {
  out += fmt::format("  {}", entry.rule.id == 0 ? std::string("(no id)") : std::to_string(entry.rule.id));
  if (!severity_name(entry.rule.severity).empty()) out += fmt::format("  {}", severity_name(entry.rule.severity));
  if (!entry.message.empty()) out += "  " + shown(entry.message);
  if (!entry.matched) out += "  (a later condition of its chain failed)";
  if (entry.outcome != Outcome::pass) {
    out += fmt::format("  -> {}{}{}", outcome_name(entry.outcome), entry.status != 0 ? " " + std::to_string(entry.status) : "",
                       entry.in_force ? "" : " (only detected)");
  }
  out += '\n';
  for (const Condition& condition : entry.conditions) append_condition(out, condition);
  for (const auto& change : entry.changes) {
    if (!all && !worth_showing(change)) continue;
    out += fmt::format("      {}: {} -> {}", shown(change.name), change.before.empty() ? "(unset)" : shown(change.before),
                       change.after.empty() ? "(unset)" : shown(change.after).substr(0, shown_max));
    if (change.added != 0) out += fmt::format(" ({:+})", change.added);
    out += '\n';
  }
  if (all) out += fmt::format("      {}:{}\n", entry.rule.file, entry.rule.line);
}

/// The entry of the rule that decided, or null.
const Entry* decisive(const Explanation& e) {
  const std::uint32_t rule = e.detected.rule_id;
  for (const Entry& entry : e.trail.entries()) {
    if (rule != 0 && entry.rule.id == rule && entry.outcome != Outcome::pass) return &entry;
  }
  return nullptr;
}

/// One line that says what the verdict rests on.
std::string reason_of(const Explanation& e) {
  if (e.detected.outcome == Outcome::pass) return "no rule asked for more";
  const Entry* const entry = decisive(e);
  if (entry == nullptr) return e.detected.status == 413 ? "the content is longer than the limit" : "a limit was reached";
  std::string out = fmt::format("rule {}", entry->rule.id);
  if (!entry->message.empty()) out += " (" + shown(entry->message) + ")";
  if (entry->conditions.empty()) return out;
  const Condition& condition = entry->conditions.back();
  return out + ": " + shown(condition.variable) + " = " + marked(condition) + " met " + condition_text(condition.condition);
}

/// What was added to each variable, in the order of first use.
std::vector<std::pair<std::string, std::int64_t>> sums_of(const filters::MatchTrail& trail) {
  std::vector<std::pair<std::string, std::int64_t>> sums;
  for (const Entry& entry : trail.entries()) {
    for (const auto& change : entry.changes) {
      if (change.added == 0) continue;
      const auto at = std::ranges::find(sums, change.name, &std::pair<std::string, std::int64_t>::first);
      if (at == sums.end()) sums.emplace_back(change.name, change.added);
      else at->second += change.added;
    }
  }
  return sums;
}

// JSON

void member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  observe::append_json_string(out, name);
  out += ':';
  observe::append_json_string(out, value);
}

void number(std::string& out, std::string_view name, std::int64_t value) {
  if (out.back() != '{') out += ',';
  observe::append_json_string(out, name);
  out += ':' + std::to_string(value);
}

void flag(std::string& out, std::string_view name, bool value) {
  if (out.back() != '{') out += ',';
  observe::append_json_string(out, name);
  out += value ? ":true" : ":false";
}

template <class List, class Write>
void list(std::string& out, std::string_view name, const List& items, Write&& write) {
  if (out.back() != '{') out += ',';
  observe::append_json_string(out, name);
  out += ":[";
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    write(item);
  }
  out += ']';
}

void write_condition(std::string& out, const Condition& condition) {
  out += '{';
  number(out, "link", condition.link);
  member(out, "variable", condition.variable);
  member(out, "original", condition.original);
  list(out, "transformations", condition.transforms, [&](std::string_view name) { observe::append_json_string(out, name); });
  member(out, "value", condition.value);
  number(out, "cut", static_cast<std::int64_t>(condition.cut));
  member(out, "part", std::string_view(condition.value).substr(std::min(condition.part_at, condition.value.size()), condition.part_size));
  number(out, "part_at", static_cast<std::int64_t>(condition.part_at));
  member(out, "condition", condition.condition);
  out += '}';
}

void write_entry(std::string& out, const Entry& entry) {
  out += '{';
  number(out, "rule", entry.rule.id);
  number(out, "phase", entry.rule.phase);
  flag(out, "matched", entry.matched);
  flag(out, "logged", entry.logged);
  if (!severity_name(entry.rule.severity).empty()) member(out, "severity", severity_name(entry.rule.severity));
  member(out, "message", entry.message);
  member(out, "data", entry.data);
  member(out, "outcome", outcome_name(entry.outcome));
  number(out, "status", entry.status);
  flag(out, "in_force", entry.in_force);
  member(out, "file", entry.rule.file);
  number(out, "line", entry.rule.line);
  list(out, "tags", entry.tags, [&](const std::string& tag) { observe::append_json_string(out, tag); });
  list(out, "conditions", entry.conditions, [&](const Condition& condition) { write_condition(out, condition); });
  list(out, "changes", entry.changes, [&](const auto& change) {
    out += '{';
    member(out, "variable", change.name);
    member(out, "before", change.before);
    member(out, "after", change.after);
    number(out, "added", change.added);
    out += '}';
  });
  out += '}';
}

}  // namespace

std::string_view verdict_of(const Explanation& e) noexcept {
  const bool stopped = e.decision.outcome != Outcome::pass && e.decision.outcome != Outcome::allow;
  return stopped ? "block" : e.detected.outcome != Outcome::pass ? "detect" : "pass";
}

std::string explanation_text(const Explanation& e, bool all) {
  std::string out = shown(e.request.label) + "\n";
  if (!e.request.refusal.empty()) {
    out += fmt::format("The gateway's parser refuses this request before any rule: {}, {}. What the rules would say of it:\n",
                       e.request.refusal_status, e.request.refusal);
  }
  out += fmt::format("verdict: {}", verdict_of(e));
  if (e.detected.outcome != Outcome::pass) {
    out += fmt::format(" ({} {}, phase {}: {})", outcome_name(e.detected.outcome), e.detected.status, e.detected.phase,
                       phases[std::min<std::size_t>(e.detected.phase, phases.size() - 1)]);
  }
  out += "\nbecause: " + reason_of(e) + "\n";
  const auto sums = sums_of(e.trail);
  if (!sums.empty()) {
    out += "scores:";
    for (const auto& [name, sum] : sums) out += fmt::format("  {} {:+}", name, sum);
    out += '\n';
  }
  unsigned phase = 0;
  for (const Entry& entry : e.trail.entries()) {
    if (!all && !worth_showing(entry)) continue;
    if (entry.rule.phase != phase) {
      phase = entry.rule.phase;
      out += fmt::format("\nphase {}: {}\n", phase, phases[std::min<std::size_t>(phase, phases.size() - 1)]);
    }
    append_entry(out, entry, all);
  }
  if (e.trail.left_out() != 0) out += fmt::format("\n{} more that there was no room for\n", e.trail.left_out());
  return out;
}

std::string explanation_json(const Explanation& e) {
  std::string out = "{";
  member(out, "request", e.request.label);
  if (!e.request.refusal.empty()) {
    member(out, "refused_by_parser", e.request.refusal);
    number(out, "refused_status", e.request.refusal_status);
  }
  member(out, "verdict", verdict_of(e));
  member(out, "outcome", outcome_name(e.detected.outcome));
  number(out, "status", e.detected.status);
  number(out, "rule", e.detected.rule_id);
  number(out, "phase", e.detected.phase);
  member(out, "because", reason_of(e));
  list(out, "scores", sums_of(e.trail), [&](const auto& sum) {
    out += '{';
    member(out, "variable", sum.first);
    number(out, "added", sum.second);
    out += '}';
  });
  list(out, "rules", e.trail.entries(), [&](const Entry& entry) { write_entry(out, entry); });
  number(out, "left_out", static_cast<std::int64_t>(e.trail.left_out()));
  return out + "}";
}

}  // namespace gatehouse::cli
