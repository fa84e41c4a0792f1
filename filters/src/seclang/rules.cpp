// Loader: SecRule and SecAction, chains, and what rules inherit.
#include "core/ascii.hpp"
#include "core/suggest.hpp"
#include "seclang/loader.hpp"

namespace gatehouse::filters::seclang {

namespace {

constexpr std::uint16_t default_status = 403;
constexpr std::uint16_t redirect_status = 302;

/// `@name argument`, `!@name argument`, or an argument of @rx.
struct OperatorText {
  bool negated{false};
  std::string name{"rx"};
  Position name_at;
  Text argument;
};

OperatorText split_operator(const Text& text) {
  OperatorText result;
  std::size_t at = 0;
  const auto blanks = [&] {
    while (at < text.view().size() && is_blank(text.view()[at])) ++at;
  };
  blanks();
  if (at < text.view().size() && text.view()[at] == '!') result.negated = true, ++at;
  blanks();
  if (at >= text.view().size() || text.view()[at] != '@') {
    result.argument = text.part(at, text.view().size());
    return result;
  }
  const std::size_t start = ++at;
  while (at < text.view().size() && !is_blank(text.view()[at])) ++at;
  result.name = text.view().substr(start, at - start);
  result.name_at = text.at(start);
  blanks();
  result.argument = text.part(at, text.view().size());
  return result;
}

/// Like suggest(), with the sign that operators are written with.
std::string suggest_operator(std::string_view name) {
  std::vector<std::string> written;
  for (const std::string_view each : operator_names()) written.push_back('@' + std::string(each));
  const std::vector<std::string_view> names(written.begin(), written.end());
  return suggest('@' + std::string(name), names);
}

/// Operators whose argument may hold references; in the others %{...} is plain text.
bool takes_references(std::string_view name) noexcept {
  for (const std::string_view each : {"pm", "pmFromFile", "pmf", "ipMatch", "ipMatchFromFile", "ipMatchF", "validateByteRange"}) {
    if (same_letters(each, name)) return false;
  }
  return true;
}

}  // namespace

void Loader::set_operator(const Context& context, const Text& text, Link& link) {
  const OperatorText parts = split_operator(text);
  link.negated = parts.negated;
  link.condition = (parts.negated ? "!@" : "@") + parts.name + ' ' + parts.argument.string();
  const OperatorKind* kind = find_operator(parts.name);
  if (kind == nullptr) {
    return context.report.error(parts.name_at, "unknown operator '@" + parts.name + "'", suggest_operator(parts.name));
  }
  OperatorSource source;
  source.text = parts.argument.string();
  source.argument = takes_references(parts.name) ? parse_template(parts.argument, context.report) : Template(source.text);
  source.files = this;
  auto made = kind->make(source);
  if (!made) {
    return context.report.error(parts.argument.at(made.error().offset), made.error().message, made.error().hint);
  }
  link.op = std::move(*made);
}

void Loader::inherit(Rule& rule, const Actions& actions) const {
  const Inherited& all = inherited_[static_cast<unsigned>(rule.phase)];
  const ActionKind wanted = actions.disruption.value_or(all.disruption);
  const bool inherits = wanted == ActionKind::block || !actions.disruption;
  rule.action.kind = inherits ? all.disruption : wanted;
  rule.action.status = actions.status.value_or(inherits ? all.status : default_status);
  const bool moved = rule.action.status >= 300 && rule.action.status < 400;
  if (rule.action.kind == ActionKind::redirect && !moved) rule.action.status = redirect_status;
  if (inherits && rule.action.location.empty()) rule.action.location = all.location;
  rule.log = actions.log.value_or(all.log);
  rule.audit = actions.audit.value_or(actions.log.value_or(all.audit));
}

void Loader::start_rule(const Context& context, Link link, Actions actions) {
  Rule rule = std::move(actions.rule);
  rule.phase = actions.phase.value_or(Phase::request_body);
  const Position at = context.place();
  rule.place = {file_, at.line, at.column};
  inherit(rule, actions);
  if (rule.id == 0) {
    context.report.error(at, "the rule has no id");
  } else if (const auto [entry, is_new] = ids_.try_emplace(rule.id, rule.place); !is_new) {
    const Place& first = entry->second;
    context.report.error(at, "id " + std::to_string(rule.id) + " is used twice",
                         "first in " + first.file + ":" + std::to_string(first.line));
  }
  rule.links.push_back(std::move(link));
  source_.rules.push_back(std::move(rule));
}

void Loader::append_link(const Context& context, Link link, Actions actions) {
  Rule& rule = source_.rules.back();
  if (actions.metadata_of_head) {
    context.report.error(context.place(), "only the first rule of a chain may have an id, a phase, skips or a disruptive action");
  }
  // Metadata belongs to the head; what it leaves open, a later rule of the chain may say.
  if (rule.message.empty()) rule.message = std::move(actions.rule.message);
  if (rule.data.empty()) rule.data = std::move(actions.rule.data);
  if (rule.severity < 0) rule.severity = actions.rule.severity;
  rule.tags.insert(rule.tags.end(), actions.rule.tags.begin(), actions.rule.tags.end());
  rule.links.push_back(std::move(link));
}

void Loader::add_link(const Context& context, Link link, Actions actions) {
  const Position at = context.place();
  link.place = {file_, at.line, at.column};
  link.effects = std::move(actions.link.effects);
  link.capture = actions.link.capture;
  link.multi_match = actions.link.multi_match;
  const bool member = chain_open_;
  const Phase phase = member && !source_.rules.empty() ? source_.rules.back().phase : actions.phase.value_or(Phase::request_body);
  if (!actions.drops_inherited) link.transforms = inherited_[static_cast<unsigned>(phase)].transforms;
  link.transforms.insert(link.transforms.end(), actions.link.transforms.begin(), actions.link.transforms.end());
  chain_open_ = actions.chained;
  if (member) {
    append_link(context, std::move(link), std::move(actions));
  } else {
    start_rule(context, std::move(link), std::move(actions));
  }
}

void Loader::add_rule(const Context& context) {
  Link link;
  Targets targets = parse_targets(context.argument(0), context.report);
  link.targets = std::move(targets.selected);
  link.exclusions = std::move(targets.excluded);
  set_operator(context, context.argument(1), link);
  static const Text none;
  const Text& text = context.directive.arguments.size() > 2 ? context.argument(2) : none;
  add_link(context, std::move(link), read_actions(text, context.report));
}

void Loader::add_action(const Context& context) { add_link(context, Link(), read_actions(context.argument(0), context.report)); }

}  // namespace gatehouse::filters::seclang
