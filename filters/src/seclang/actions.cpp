#include "seclang/actions.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/ascii.hpp"
#include "core/suggest.hpp"
#include "seclang/effects.hpp"

namespace gatehouse::filters::seclang {

namespace {

/// What the reading of one action needs.
struct Reading {
  Actions& actions;
  const ActionText& action;
  const Report& report;

  std::string_view value() const noexcept { return action.value.view(); }
  void error(std::string message, std::string hint = {}) const {
    report.error(action.value.at(0), std::move(message), std::move(hint));
  }
};

void read_id(const Reading& r) {
  const auto id = number_of<std::uint32_t>(r.value());
  if (!id || *id == 0) return r.error("an id is a whole number from 1 up");
  r.actions.rule.id = *id;
}

void read_phase(const Reading& r) {
  static constexpr std::array<std::pair<std::string_view, Phase>, 8> words{{{"1", Phase::request_head},
                                                                          {"2", Phase::request_body},
                                                                          {"request", Phase::request_body},
                                                                          {"3", Phase::response_head},
                                                                          {"4", Phase::response_body},
                                                                          {"response", Phase::response_body},
                                                                          {"5", Phase::logging},
                                                                          {"logging", Phase::logging}}};
  for (const auto& [word, phase] : words) {
    if (same_letters(word, r.value())) r.actions.phase = phase;
  }
  if (!r.actions.phase) r.error("a phase is 1 to 5, request, response or logging");
}

void read_severity(const Reading& r) {
  static constexpr std::array<std::string_view, 8> words{"EMERGENCY", "ALERT",  "CRITICAL", "ERROR",
                                                         "WARNING",   "NOTICE", "INFO",     "DEBUG"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_number = r.value().size() == 1 && r.value()[0] == static_cast<char>('0' + i);
    if (is_number || same_letters(words[i], r.value())) r.actions.rule.severity = static_cast<int>(i);
  }
  if (r.actions.rule.severity < 0) r.error("unknown severity '" + std::string(r.value()) + "'", suggest(r.value(), words));
}

void read_status(const Reading& r) {
  const auto status = number_of<std::uint16_t>(r.value());
  if (!status || *status < 100 || *status > 599) return r.error("a status is a number from 100 to 599");
  r.actions.status = *status;
}

void read_transform(const Reading& r) {
  if (same_letters(r.value(), "none")) {
    r.actions.link.transforms.clear();
    r.actions.drops_inherited = true;
    return;
  }
  if (const auto transform = transform_by_name(r.value())) return r.actions.link.transforms.push_back(*transform);
  std::vector<std::string_view> names;
  for (unsigned i = 0; i < transform_count; ++i) names.push_back(transform_name(static_cast<Transform>(i)));
  r.error("unknown transformation '" + std::string(r.value()) + "'", suggest(r.value(), names));
}

void read_allow(const Reading& r) {
  if (r.value().empty()) {
    r.actions.disruption = ActionKind::allow;
  } else if (same_letters(r.value(), "phase")) {
    r.actions.disruption = ActionKind::allow_phase;
  } else if (same_letters(r.value(), "request")) {
    r.actions.disruption = ActionKind::allow_request;
  } else {
    r.error("allow takes nothing, phase or request");
  }
}

void read_skip(const Reading& r) {
  const auto count = number_of<std::uint32_t>(r.value());
  if (!count || *count == 0) return r.error("skip takes the number of rules to skip");
  r.actions.rule.skip = *count;
}

void read_redirect(const Reading& r) {
  r.actions.disruption = ActionKind::redirect;
  r.actions.rule.action.location = parse_template(r.action.value, r.report);
}

void add_effect(const Reading& r, std::optional<Effect> effect) {
  if (effect) r.actions.link.effects.push_back(std::move(*effect));
}

enum class Needs : std::uint8_t { nothing, value, either };

struct ActionKindRow {
  std::string_view name;
  Needs needs;
  bool head_only;
  void (*read)(const Reading&);
};

template <ActionKind Kind>
void disrupt(const Reading& r) {
  r.actions.disruption = Kind;
}
/// What only a catalogue of rules would show.
void pass_over(const Reading& r) { r.report.warn(r.action.name.at(0), r.action.name.string() + " has no effect here"); }

constexpr auto rows = std::to_array<ActionKindRow>({
    {"accuracy", Needs::value, false, pass_over},
    {"allow", Needs::either, true, read_allow},
    {"auditlog", Needs::nothing, false, [](const Reading& r) { r.actions.audit = true; }},
    {"block", Needs::nothing, true, disrupt<ActionKind::block>},
    {"capture", Needs::nothing, false, [](const Reading& r) { r.actions.link.capture = true; }},
    {"chain", Needs::nothing, false, [](const Reading& r) { r.actions.chained = true; }},
    {"ctl", Needs::value, false, [](const Reading& r) { add_effect(r, read_ctl(r.action.value, r.report)); }},
    {"deny", Needs::nothing, true, disrupt<ActionKind::deny>},
    {"drop", Needs::nothing, true, disrupt<ActionKind::drop>},
    {"expirevar", Needs::value, false, [](const Reading& r) { add_effect(r, read_expirevar(r.action.value, r.report)); }},
    {"id", Needs::value, true, read_id},
    {"initcol", Needs::value, false, [](const Reading& r) { add_effect(r, read_initcol(r.action.value, r.report)); }},
    {"log", Needs::nothing, false, [](const Reading& r) { r.actions.log = true; }},
    {"logdata", Needs::value, false, [](const Reading& r) { r.actions.rule.data = parse_template(r.action.value, r.report); }},
    {"maturity", Needs::value, false, pass_over},
    {"msg", Needs::value, false, [](const Reading& r) { r.actions.rule.message = parse_template(r.action.value, r.report); }},
    {"multiMatch", Needs::nothing, false, [](const Reading& r) { r.actions.link.multi_match = true; }},
    {"noauditlog", Needs::nothing, false, [](const Reading& r) { r.actions.audit = false; }},
    {"nolog", Needs::nothing, false, [](const Reading& r) { r.actions.log = false; }},
    {"pass", Needs::nothing, true, disrupt<ActionKind::pass>},
    {"phase", Needs::value, true, read_phase},
    {"redirect", Needs::value, true, read_redirect},
    {"rev", Needs::value, false, [](const Reading& r) { r.actions.rule.revision = r.value(); }},
    {"setenv", Needs::value, false, [](const Reading& r) { add_effect(r, read_setenv(r.action.value, r.report)); }},
    {"setsid", Needs::value, false, [](const Reading& r) { add_effect(r, read_set_id(Field::session, r.action.value, r.report)); }},
    {"setrsc", Needs::value, false, [](const Reading& r) { add_effect(r, read_set_id(Field::resource, r.action.value, r.report)); }},
    {"setuid", Needs::value, false, [](const Reading& r) { add_effect(r, read_set_id(Field::user, r.action.value, r.report)); }},
    {"setvar", Needs::value, false, [](const Reading& r) { add_effect(r, read_setvar(r.action.value, r.report)); }},
    {"severity", Needs::value, false, read_severity},
    {"skip", Needs::value, true, read_skip},
    {"skipAfter", Needs::value, true, [](const Reading& r) { r.actions.rule.skip_after = r.value(); }},
    {"status", Needs::value, false, read_status},
    {"t", Needs::value, false, read_transform},
    {"tag", Needs::value, false, [](const Reading& r) { r.actions.rule.tags.emplace_back(r.value()); }},
    {"ver", Needs::value, false, [](const Reading& r) { r.actions.rule.version = r.value(); }},
});

const ActionKindRow* find_action(std::string_view name) noexcept {
  for (const ActionKindRow& row : rows) {
    if (same_letters(row.name, name)) return &row;
  }
  return nullptr;
}

void read_one(const ActionText& action, Actions& actions, const Report& report) {
  const std::string_view name = action.name.view();
  const ActionKindRow* row = find_action(name);
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const ActionKindRow& each : rows) names.push_back(each.name);
    return report.error(action.name.at(0), "unknown action '" + std::string(name) + "'", suggest(name, names));
  }
  if (row->needs == Needs::value && action.value.empty()) {
    return report.error(action.name.at(0), std::string(row->name) + " needs a value");
  }
  if (row->needs == Needs::nothing && !action.value.empty()) {
    return report.error(action.value.at(0), std::string(row->name) + " takes no value");
  }
  actions.metadata_of_head |= row->head_only;
  row->read(Reading{actions, action, report});
}

/// Walks over the list, minding quotes.
class ActionSplitter {
 public:
  ActionSplitter(const Text& text, const Report& report) : text_(text), report_(report) {}

  bool next(ActionText& action) {
    action = {};
    skip_blanks();
    while (at_ < view().size() && view()[at_] == ',') ++at_, skip_blanks();
    if (at_ >= view().size()) return false;
    const std::size_t start = at_;
    while (at_ < view().size() && view()[at_] != ',' && view()[at_] != ':' && !is_blank(view()[at_])) ++at_;
    action.name = text_.part(start, at_ - start);
    skip_blanks();
    if (at_ >= view().size() || view()[at_] != ':') {
      if (at_ < view().size() && view()[at_] != ',') {
        report_.error(text_.at(at_), "a comma is missing between two actions");
      }
      return true;
    }
    ++at_;
    skip_blanks();
    action.value.set_start(text_.at(at_));
    if (at_ < view().size() && view()[at_] == '\'') {
      quoted(action.value);
    } else {
      plain(action.value);
    }
    return true;
  }

 private:
  std::string_view view() const noexcept { return text_.view(); }
  void skip_blanks() noexcept {
    while (at_ < view().size() && is_blank(view()[at_])) ++at_;
  }
  void quoted(Text& value) {
    const std::size_t start = at_++;
    for (; at_ < view().size() && view()[at_] != '\''; ++at_) {
      if (view()[at_] == '\\' && at_ + 1 < view().size() && view()[at_ + 1] == '\'') ++at_;
      value.add(view()[at_], text_.at(at_));
    }
    if (at_ >= view().size()) report_.error(text_.at(start), "a quote is opened here and never closed");
    ++at_;
  }
  void plain(Text& value) {
    const std::size_t start = at_;
    at_ = std::min(view().find(',', at_), view().size());
    const std::string_view text = trimmed(view().substr(start, at_ - start));
    value = text_.part(start, text.size());
  }

  const Text& text_;
  const Report& report_;
  std::size_t at_{0};
};

}  // namespace

std::vector<ActionText> split_actions(const Text& text, const Report& report) {
  std::vector<ActionText> actions;
  ActionSplitter splitter(text, report);
  for (ActionText action; splitter.next(action);) actions.push_back(std::move(action));
  return actions;
}

Actions read_actions(const Text& text, const Report& report) {
  Actions actions;
  for (const ActionText& action : split_actions(text, report)) read_one(action, actions, report);
  return actions;
}

}  // namespace gatehouse::filters::seclang
