#include <algorithm>
#include <utility>

#include "core/ascii.hpp"
#include "operators/operator.hpp"
#include "rules/program.hpp"
#include "rules/rule_choice.hpp"

namespace gatehouse::filters {

TxNames::TxNames() {
  for (int i = 0; i < capture_count; ++i) intern(std::to_string(i));
}

std::int32_t TxNames::intern(std::string_view name) {
  const auto [entry, is_new] = slots_.try_emplace(lowered(name), static_cast<std::int32_t>(names_.size()));
  if (is_new) names_.push_back(entry->first);
  return entry->second;
}

std::int32_t TxNames::find(std::string_view name) const {
  const auto entry = slots_.find(lowered(name));
  return entry == slots_.end() ? no_slot : entry->second;
}

namespace {

/// Source order to phase order. skip and skipAfter are resolved here, while markers are still in their places.
class PhaseOrder {
 public:
  explicit PhaseOrder(std::vector<Rule> source) : source_(std::move(source)) {}

  std::vector<Rule> sorted(std::array<std::uint32_t, phase_count + 1>& begin) {
    for (unsigned phase = 0; phase < phase_count; ++phase) {
      begin[phase] = static_cast<std::uint32_t>(order_.size());
      for (std::size_t i = 0; i < source_.size(); ++i) {
        if (source_[i].marker.empty() && source_[i].phase == static_cast<Phase>(phase)) order_.push_back(i);
      }
    }
    begin[phase_count] = static_cast<std::uint32_t>(order_.size());
    for (std::uint32_t at = 0; at < order_.size(); ++at) {
      Rule& rule = source_[order_[at]];
      const auto end = begin[static_cast<unsigned>(rule.phase) + 1];
      rule.resume = at + 1;
      if (!rule.skip_after.empty()) rule.resume = behind_marker(order_[at], at, end);
      if (rule.skip != 0) rule.resume = std::min(end, at + 1 + rule.skip);
    }
    std::vector<Rule> rules;
    for (const std::size_t i : order_) rules.push_back(std::move(source_[i]));
    return rules;
  }

 private:
  /// The first rule of the phase behind the marker, or behind the rule with that id; the phase's end without either.
  std::uint32_t behind_marker(std::size_t from, std::uint32_t at, std::uint32_t end) const {
    const std::string& name = source_[from].skip_after;
    for (std::size_t i = from + 1; i < source_.size(); ++i) {
      const bool here = source_[i].marker.empty() ? std::to_string(source_[i].id) == name : source_[i].marker == name;
      if (!here) continue;
      for (++at; at < end && order_[at] <= i;) ++at;
      return at;
    }
    return end;
  }

  std::vector<Rule> source_;
  std::vector<std::size_t> order_;
};

/// Gives every reference to a tx variable its slot.
class Slots {
 public:
  explicit Slots(TxNames& names) : names_(names) {}

  void give(Rule& rule) {
    give(rule.message);
    give(rule.data);
    give(rule.action.location);
    for (Link& link : rule.links) give(link);
  }
  /// Once all have their slots: which of them targets select by an expression.
  void select(Rule& rule) {
    for (Link& link : rule.links) {
      for (Target& target : link.targets) {
        if (holds(target.fields, Field::tx) && target.slot == no_slot) target.slots = selected(target);
      }
    }
  }

 private:
  std::vector<std::int32_t> selected(const Target& target) {
    std::vector<std::int32_t> slots;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto slot = static_cast<std::int32_t>(i);
      const bool taken = target.pattern == nullptr || target.pattern->search(names_.name(slot), space_) == Found::yes;
      if (taken) slots.push_back(slot);
    }
    return slots;
  }
  void give(Link& link) {
    for (Target& target : link.targets) give(target);
    if (link.op != nullptr) {
      // compile() is the only one to hold the operator besides the rule, and no request has seen it yet.
      if (Template* argument = const_cast<Operator&>(*link.op).argument()) give(*argument);
    }
    for (Effect& effect : link.effects) {
      std::visit([this](auto& each) { give_effect(each); }, effect);
    }
  }
  void give(Target& target) {
    if (target.select == Select::key && target.fields == fields(Field::tx)) target.slot = names_.intern(target.key);
  }
  void give(Template& text) {
    for (Template::Part& part : text.parts()) {
      if (part.reference.fields == fields(Field::tx)) part.reference.slot = names_.intern(part.reference.key);
    }
  }
  void give_effect(SetVariable& effect) {
    give(effect.key);
    give(effect.value);
    if (effect.collection == Field::tx && effect.key.constant()) effect.slot = names_.intern(effect.key.text());
  }
  void give_effect(ExpireVariable& effect) { give(effect.key), give(effect.seconds); }
  void give_effect(OpenCollection& effect) { give(effect.key); }
  void give_effect(SetEnvironment& effect) { give(effect.value); }
  template <class Other>
  void give_effect(Other&) {}

  TxNames& names_;
  RegexSpace space_;
};

void mark_removed(RemoveRules& effect, const std::vector<Rule>& rules) {
  const RuleChoice choice(effect.by, effect.first, effect.last, effect.text);
  RuleBits bits(rules.size());
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (choice.takes(rules[i])) bits.set(i);
  }
  effect.rules = bits.words();
}

FieldSet fields_read(const Template& text) {
  FieldSet all = 0;
  for (const Template::Part& part : text.parts()) all |= part.reference.fields;
  return all;
}

FieldSet fields_read(const Rule& rule) {
  FieldSet all = fields_read(rule.message) | fields_read(rule.data) | fields_read(rule.action.location);
  for (const Link& link : rule.links) {
    for (const Target& target : link.targets) all |= target.fields;
    if (link.op != nullptr && link.op->argument() != nullptr) all |= fields_read(*link.op->argument());
    for (const Effect& effect : link.effects) {
      if (const auto* set = std::get_if<SetVariable>(&effect)) all |= fields_read(set->key) | fields_read(set->value);
      if (const auto* open = std::get_if<OpenCollection>(&effect)) all |= fields_read(open->key);
    }
  }
  return all;
}

/// Decides for each rule what gives reason to run it.
class Triggers {
 public:
  explicit Triggers(Program& program) : program_(program) {}

  void add(std::uint32_t index) {
    const Link& head = program_.rules[index].links.front();
    const bool planned = !is_keyed(head) && ScanPlan::takes(head) && program_.plan.add(head);
    if (planned) {
      program_.planned[head.number] = true;
    } else {
      when_present(head, index);
    }
  }

 private:
  /// Looks at certain members only (or at single texts): cheaper to run than to scan for.
  static bool is_keyed(const Link& link) noexcept {
    constexpr FieldSet singles = fields(Field::request_method, Field::request_protocol, Field::remote_addr, Field::unique_id,
                                        Field::request_body_length, Field::response_status, Field::response_protocol);
    for (const Target& target : link.targets) {
      if (target.select != Select::key && (target.fields & ~singles) != 0) return false;
    }
    return true;
  }

  void when_present(const Link& link, std::uint32_t index) {
    bool always = link.targets.empty();
    for (const Target& target : link.targets) always |= target.count || (target.fields & running_fields) != 0;
    if (always) {
      program_.always.set(index);
      return;
    }
    for (const Target& target : link.targets) {
      const bool header = target.select == Select::key && target.fields == fields(Field::request_headers);
      if (header) {
        program_.by_header.try_emplace(target.key, program_.rules.size()).first->second.set(index);
        continue;
      }
      for (unsigned f = 0; f < field_count; ++f) {
        if (holds(target.fields, static_cast<Field>(f))) field_bits(static_cast<Field>(f)).set(index);
      }
    }
  }

  RuleBits& field_bits(Field field) {
    for (auto& [each, bits] : program_.by_field) {
      if (each == field) return bits;
    }
    return program_.by_field.emplace_back(field, RuleBits(program_.rules.size())).second;
  }

  Program& program_;
};

}  // namespace

Result<std::shared_ptr<const Program>, Problems> compile(RuleSource source, const CompileOptions& options) {
  auto program = std::make_shared<Program>();
  program->settings = std::move(source.settings);
  program->rules = PhaseOrder(std::move(source.rules)).sorted(program->phase_begin);
  Slots slots(program->tx);
  for (Rule& rule : program->rules) slots.give(rule);
  for (Rule& rule : program->rules) slots.select(rule);

  fold(program->rules, program->tx, program->initial);
  const auto first_of = [&](unsigned phase) {
    return static_cast<std::uint32_t>(std::partition_point(program->rules.begin(), program->rules.end(), [&](const Rule& rule) {
      return static_cast<unsigned>(rule.phase) < phase;
    }) - program->rules.begin());
  };
  for (unsigned phase = 0; phase <= phase_count; ++phase) program->phase_begin[phase] = first_of(phase);

  program->always = RuleBits(program->rules.size());
  Triggers triggers(*program);
  for (std::uint32_t i = 0; i < program->rules.size(); ++i) {
    Rule& rule = program->rules[i];
    for (Link& link : rule.links) {
      link.number = program->link_count++;
      program->rule_of_link.push_back(i);
      program->planned.push_back(false);
      if (link.op != nullptr) link.op->prepare();
      for (Effect& effect : link.effects) {
        if (auto* removal = std::get_if<RemoveRules>(&effect)) mark_removed(*removal, program->rules);
        if (const auto* audit = std::get_if<SwitchAudit>(&effect)) program->audit_switched_on |= audit->mode != AuditMode::off;
        const auto* parts = std::get_if<AuditPartsChange>(&effect);
        if (parts != nullptr && parts->change != '-') program->audit_parts_added.add(parts->parts);
      }
    }
    triggers.add(i);
    program->wanted |= fields_read(rule);
  }
  if (auto done = program->plan.finish(options.cache_folder, options.run_jobs, program->settings.unicode_map.get()); !done) {
    return Failure{Problems{Problem{{}, "the patterns cannot be compiled: " + done.error(), ""}}};
  }
  return std::shared_ptr<const Program>(std::move(program));
}

}  // namespace gatehouse::filters
