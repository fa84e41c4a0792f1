// Loader: directives that change rules read before them.
#include <charconv>

#include "core/ascii.hpp"
#include "rules/rule_choice.hpp"
#include "seclang/loader.hpp"

namespace gatehouse::filters::seclang {

namespace {

struct IdRange {
  std::uint32_t first{0}, last{0};
};

std::optional<std::uint32_t> id_of(std::string_view text) noexcept {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(id) : std::nullopt;
}

/// Ids and ranges, split at blanks or commas.
std::optional<std::vector<IdRange>> ranges_of(std::string_view text) {
  std::vector<IdRange> ranges;
  while (!(text = trimmed(text)).empty()) {
    const std::size_t end = text.find_first_of(" ,\t");
    const std::string_view item = text.substr(0, end);
    const std::size_t dash = item.find('-');
    const auto first = id_of(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : id_of(item.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    ranges.push_back({*first, *last});
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return ranges;
}

}  // namespace

std::vector<Rule*> Loader::chosen(const Context& context, const Text& text, RemoveRules::By by) {
  std::vector<RuleChoice> choices;
  if (by == RemoveRules::By::id) {
    const auto ranges = ranges_of(text.view());
    if (!ranges) {
      context.report.error(text.at(0), "expected ids or ranges of ids, such as 942100 or 942100-942199");
      return {};
    }
    for (const IdRange& range : *ranges) choices.emplace_back(by, range.first, range.last, "");
  } else {
    if (auto pattern = Regex::compile(text.view()); !pattern) {
      context.report.error(text.at(pattern.error().offset), "bad regular expression: " + pattern.error().message);
      return {};
    }
    choices.emplace_back(by, 0, 0, text.string());
  }
  std::vector<Rule*> rules;
  for (Rule& rule : source_.rules) {
    bool taken = false;
    for (const RuleChoice& choice : choices) taken |= rule.marker.empty() && choice.takes(rule);
    if (taken) rules.push_back(&rule);
  }
  if (rules.empty()) {
    context.report.warn(text.at(0), "no rule read so far is meant by '" + text.string() + "'",
                        "the directive must stand behind the rules it changes");
  }
  return rules;
}

void Loader::remove_rules(const Context& context, RemoveRules::By by) {
  check_chain_ended();
  for (const Text& text : context.directive.arguments) {
    for (Rule* rule : chosen(context, text, by)) rule->links.clear();
    std::erase_if(source_.rules, [](const Rule& rule) { return rule.marker.empty() && rule.links.empty(); });
  }
}

void Loader::update_targets(const Context& context, RemoveRules::By by) {
  check_chain_ended();
  const Targets targets = parse_targets(context.argument(1), context.report);
  const auto rules = chosen(context, context.argument(0), by);
  for (Rule* rule : rules) {
    Link& head = rule->links.front();
    if (context.directive.arguments.size() > 2) {
      // The third argument names targets that the second one takes the place of.
      const Targets replaced = parse_targets(context.argument(2), context.report);
      std::erase_if(head.targets, [&](const Target& target) {
        for (const Target& old : replaced.selected) {
          if (old.fields == target.fields && old.key == target.key && old.count == target.count) return true;
        }
        return false;
      });
    }
    head.targets.insert(head.targets.end(), targets.selected.begin(), targets.selected.end());
    for (Link& link : rule->links) {
      link.exclusions.insert(link.exclusions.end(), targets.excluded.begin(), targets.excluded.end());
    }
  }
}

void Loader::update_actions(const Context& context) {
  check_chain_ended();
  const Actions actions = read_actions(context.argument(1), context.report);
  if (actions.rule.id != 0 || actions.phase || actions.chained) {
    return context.report.error(context.argument(1).at(0), "a rule's id, phase and chain cannot be changed");
  }
  for (Rule* rule : chosen(context, context.argument(0), RemoveRules::By::id)) {
    if (actions.disruption) {
      Rule changed = *rule;
      changed.action.location = actions.rule.action.location;
      inherit(changed, actions);
      rule->action = changed.action;
    }
    if (actions.status) rule->action.status = *actions.status;
    if (actions.log) rule->log = *actions.log;
    if (actions.audit) rule->audit = *actions.audit;
    if (!actions.rule.message.empty()) rule->message = actions.rule.message;
    if (!actions.rule.data.empty()) rule->data = actions.rule.data;
    if (actions.rule.severity >= 0) rule->severity = actions.rule.severity;
    if (!actions.rule.skip_after.empty()) rule->skip_after = actions.rule.skip_after;
    rule->tags.insert(rule->tags.end(), actions.rule.tags.begin(), actions.rule.tags.end());
    Link& head = rule->links.front();
    if (actions.drops_inherited) head.transforms.clear();
    head.transforms.insert(head.transforms.end(), actions.link.transforms.begin(), actions.link.transforms.end());
    head.effects.insert(head.effects.end(), actions.link.effects.begin(), actions.link.effects.end());
    head.capture |= actions.link.capture;
    head.multi_match |= actions.link.multi_match;
  }
}

}  // namespace gatehouse::filters::seclang
