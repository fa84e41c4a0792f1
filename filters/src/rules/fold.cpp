// fold(): what every request would decide in the same way is decided once, at load. Rules are walked in the order they
// run, with what is known of each tx variable: not set, a text, or anything. Set-up rules that always match become
// initial values; rules that never match and those behind a gate that is always shut are left out. A rule is kept
// whenever some request could tell the difference, such as one that a ctl action might take out.
#include <algorithm>

#include "core/ascii.hpp"
#include "operators/operator.hpp"
#include "rules/program.hpp"
#include "rules/rule_choice.hpp"

namespace gatehouse::filters {

namespace {

enum class Known : std::uint8_t { unset, text, nothing };

struct Knowledge {
  Known known{Known::unset};
  std::string text;
  bool touched{false};  // a kept rule reads or writes it
};

enum class Truth : std::uint8_t { no, yes, unknown };

/// Lets operators run without a transaction.
class LoadContext final : public MatchContext {
 public:
  explicit LoadContext(const std::vector<Knowledge>& slots) : slots_(slots) {}

  /// Whether every reference of the text is known.
  bool can_expand(const Template& text) const {
    return std::all_of(text.parts().begin(), text.parts().end(), [this](const Template::Part& part) {
      if (part.is_text) return true;
      return part.reference.slot != no_slot && slots_[index(part.reference.slot)].known != Known::nothing;
    });
  }
  std::string text_of(const Template& text) const {
    std::string result;
    for (const Template::Part& part : text.parts()) {
      result += part.is_text ? part.text : slots_[index(part.reference.slot)].text;
    }
    return result;
  }

  std::string_view expand(const Template& text) override { return expanded_ = text_of(text); }
  std::string_view keep(std::string_view text) override { return text; }
  RegexSpace& regex_space() noexcept override { return space_; }
  void limit_reached() noexcept override {}
  bool locate(const Address&) override { return false; }
  bool listed(std::string_view, std::string_view) override { return false; }

 private:
  static std::size_t index(std::int32_t slot) noexcept { return static_cast<std::size_t>(slot); }
  const std::vector<Knowledge>& slots_;
  RegexSpace space_;
  std::string expanded_;
};

class Folding {
 public:
  Folding(std::vector<Rule>& rules, TxNames& tx)
      : rules_(rules), tx_(tx), slots_(tx.size()), context_(slots_), dropped_(rules.size()) {
    // Captures are written by any rule that captures.
    for (std::size_t i = 0; i < static_cast<std::size_t>(TxNames::capture_count); ++i) slots_[i].known = Known::nothing;
  }

  void run(std::vector<InitialValue>& initial) {
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
      if (!dropped_[i]) visit(i);
    }
    remove_dropped();
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (slot < initial_.size() && initial_[slot]) initial.push_back({static_cast<std::int32_t>(slot), *initial_[slot]});
    }
  }

 private:
  void visit(std::uint32_t i) {
    Rule& rule = rules_[i];
    const Truth truth = truth_of(rule);
    if (truth == Truth::no) {
      dropped_[i] = true;
      return;
    }
    if (truth == Truth::yes && fold_gate(i)) return;
    if (truth == Truth::yes && fold_set_up(i)) return;
    if (truth == Truth::yes) simplify(rule);
    keep(i);
  }

  // Conditions.

  Truth truth_of(const Rule& rule) {
    bool unknown = false, effects = false;
    for (const Link& link : rule.links) {
      const Truth truth = truth_of(link);
      if (truth == Truth::no && !unknown && !effects) return Truth::no;
      unknown |= truth != Truth::yes;
      effects |= !link.effects.empty();
    }
    return unknown ? Truth::unknown : Truth::yes;
  }

  Truth truth_of(const Link& link) {
    if (link.targets.empty()) return Truth::yes;
    if (link.op == nullptr || !link.exclusions.empty() || link.capture || link.multi_match) return Truth::unknown;
    const Template* argument = link.op->argument();
    const bool decidable = link.op->depends_on_value_only() || argument != nullptr;
    if (!decidable || (argument != nullptr && !context_.can_expand(*argument))) return Truth::unknown;
    bool matched = false;
    for (const Target& target : link.targets) {
      if (target.slot == no_slot || slots_[index(target.slot)].known == Known::nothing) return Truth::unknown;
      const Knowledge& slot = slots_[index(target.slot)];
      if (!target.count && slot.known == Known::unset) continue;
      const std::string value = target.count ? (slot.known == Known::unset ? "0" : "1") : slot.text;
      matched |= link.op->matches(transformed(link, value), context_) != link.negated;
    }
    return matched ? Truth::yes : Truth::no;
  }

  static std::string transformed(const Link& link, std::string value) {
    for (const Transform transform : link.transforms) {
      Scratch scratch;
      value = std::string(apply(transform, value, scratch));
    }
    return value;
  }

  // What always matches.

  static bool is_silent(const Rule& rule) noexcept {
    return !rule.log && !rule.audit && rule.action.kind == ActionKind::pass && rule.severity < 0;
  }
  static bool has_effects(const Rule& rule) noexcept {
    return std::any_of(rule.links.begin(), rule.links.end(), [](const Link& link) { return !link.effects.empty(); });
  }
  bool may_be_removed(const Rule& rule) const {
    return std::any_of(removals_.begin(), removals_.end(), [&](const RuleChoice& each) { return each.takes(rule); });
  }

  bool fold_gate(std::uint32_t i) {
    const Rule& rule = rules_[i];
    if (rule.resume <= i + 1 || !is_silent(rule) || has_effects(rule)) return false;
    for (const RuleChoice& removal : removals_) {
      if (!removal.takes(rule)) continue;
      // Without the gate, what is behind it must be out as well.
      for (std::uint32_t j = i + 1; j < rule.resume; ++j) {
        if (!removal.takes(rules_[j])) return false;
      }
    }
    for (std::uint32_t j = i; j < rule.resume; ++j) dropped_[j] = true;
    return true;
  }

  bool fold_set_up(std::uint32_t i) {
    const Rule& rule = rules_[i];
    const bool foldable = rule.phase == Phase::request_head && is_silent(rule) && rule.resume == i + 1 &&
                          i >= conditional_until_ && !may_be_removed(rule);
    if (!foldable) return false;
    for (const Link& link : rule.links) {
      for (const Effect& effect : link.effects) {
        const auto* set = std::get_if<SetVariable>(&effect);
        if (set == nullptr || set->slot == no_slot || set->change != Change::set) return false;
        if (slots_[index(set->slot)].touched || !context_.can_expand(set->value)) return false;
      }
    }
    for (const Link& link : rule.links) {
      for (const Effect& effect : link.effects) {
        const auto& set = std::get<SetVariable>(effect);
        Knowledge& slot = slots_[index(set.slot)];
        slot.text = context_.text_of(set.value);
        slot.known = Known::text;
        initial_.resize(slots_.size());
        initial_[index(set.slot)] = slot.text;
      }
    }
    dropped_[i] = true;
    return true;
  }

  /// Conditions that always hold need no evaluation where nobody can see them.
  static void simplify(Rule& rule) {
    if (rule.links.size() != 1 || !is_silent(rule)) return;
    rule.links.front().targets.clear();
    rule.links.front().op = nullptr;
  }

  // What is kept.

  void keep(std::uint32_t i) {
    const Rule& rule = rules_[i];
    if (rule.resume > i + 1) conditional_until_ = std::max(conditional_until_, rule.resume);
    read(rule.message), read(rule.data), read(rule.action.location);
    for (const Link& link : rule.links) {
      for (const Target& target : link.targets) read(target);
      if (link.op != nullptr && link.op->argument() != nullptr) read(*link.op->argument());
      for (const Effect& effect : link.effects) take_effect(effect);
    }
  }
  void read(const Template& text) {
    for (const Template::Part& part : text.parts()) {
      if (part.reference.slot != no_slot) slots_[index(part.reference.slot)].touched = true;
    }
  }
  void read(const Target& target) {
    if (!holds(target.fields, Field::tx)) return;
    if (target.slot != no_slot) {
      slots_[index(target.slot)].touched = true;
    } else {
      for (Knowledge& slot : slots_) slot.touched = true;
    }
  }
  void take_effect(const Effect& effect) {
    if (const auto* removal = std::get_if<RemoveRules>(&effect); removal != nullptr && !removal->only_target) {
      removals_.emplace_back(removal->by, removal->first, removal->last, removal->text);
    }
    const auto* set = std::get_if<SetVariable>(&effect);
    if (set == nullptr) return;
    read(set->key), read(set->value);
    if (set->collection != Field::tx) return;
    if (set->slot != no_slot) return forget(set->slot);
    // A name made at run time: any variable that starts the same way may be meant.
    const auto& parts = set->key.parts();
    const std::string prefix = lowered(parts.empty() || !parts.front().is_text ? std::string() : parts.front().text);
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (tx_.name(static_cast<std::int32_t>(slot)).starts_with(prefix)) forget(static_cast<std::int32_t>(slot));
    }
  }
  void forget(std::int32_t slot) {
    slots_[index(slot)].known = Known::nothing;
    slots_[index(slot)].touched = true;
  }

  void remove_dropped() {
    std::vector<std::uint32_t> before(rules_.size() + 1, 0);  // how many are kept before each place
    for (std::size_t i = 0; i < rules_.size(); ++i) before[i + 1] = before[i] + (dropped_[i] ? 0 : 1);
    std::vector<Rule> kept;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (dropped_[i]) continue;
      rules_[i].resume = before[std::min<std::size_t>(rules_[i].resume, rules_.size())];
      kept.push_back(std::move(rules_[i]));
    }
    rules_ = std::move(kept);
  }

  static std::size_t index(std::int32_t slot) noexcept { return static_cast<std::size_t>(slot); }

  std::vector<Rule>& rules_;
  TxNames& tx_;
  std::vector<Knowledge> slots_;
  LoadContext context_;
  std::vector<bool> dropped_;
  std::vector<std::optional<std::string>> initial_;
  std::vector<RuleChoice> removals_;
  std::uint32_t conditional_until_{0};  // rules before this one may be skipped at run time
};

}  // namespace

void fold(std::vector<Rule>& rules, TxNames& tx, std::vector<InitialValue>& initial) { Folding(rules, tx).run(initial); }

}  // namespace gatehouse::filters
