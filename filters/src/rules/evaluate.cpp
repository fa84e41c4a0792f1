// Run: putting values to a link.
#include "core/ascii.hpp"
#include "rules/run.hpp"

namespace gatehouse::filters {

namespace {

/// Fields that are one text rather than a collection: their members' names have no key.
constexpr FieldSet single_fields =
    ~fields(Field::request_headers, Field::request_headers_names, Field::request_cookies, Field::request_cookies_names,
            Field::args_get, Field::args_get_names, Field::args_post, Field::args_post_names, Field::files,
            Field::files_names, Field::files_sizes, Field::files_tmpnames, Field::files_tmp_content,
            Field::multipart_part_headers, Field::response_headers, Field::response_headers_names, Field::tx, Field::env,
            Field::geo, Field::rule, Field::ip, Field::global, Field::session, Field::user, Field::resource,
            Field::matched_vars, Field::matched_vars_names);

/// Whether a piece of the subject; then it moves with the subject's copy.
std::string_view moved(std::string_view part, std::string_view from, std::string_view to) noexcept {
  const bool inside = part.data() >= from.data() && part.data() + part.size() <= from.data() + from.size();
  return inside && part.data() != nullptr ? to.substr(static_cast<std::size_t>(part.data() - from.data()), part.size()) : part;
}

}  // namespace

bool Run::selects(const Target& target, Field field, std::string_view key) {
  if (!holds(target.fields, field)) return false;
  switch (target.select) {
    case Select::all: return true;
    case Select::key: return same_letters(target.key, key);
    case Select::pattern: return target.pattern->search(key, space_->regex) == Found::yes;
  }
  return false;
}

bool Run::excluded(const Link& link, Field field, std::string_view key) {
  for (const Target& target : link.exclusions) {
    if (selects(target, field, key)) return true;
  }
  if (target_exclusions_.empty()) return false;
  const std::uint32_t index = program_->rule_of_link[link.number];
  for (const RemoveRules* each : target_exclusions_) {
    if ((each->rules[index / 64] >> (index % 64) & 1) != 0 && selects(each->target, field, key)) return true;
  }
  return false;
}

bool Run::try_text(const Rule& rule, const Link& link, const Member& member, std::string_view text, std::size_t steps) {
  wants_captures = link.capture || observer_ != nullptr;
  captures.count = 0;
  const bool matched = link.op == nullptr || link.op->matches(text, *this) != link.negated;
  if (!matched) return false;
  // What matched must outlive the scratch buffers that transformations write to.
  const bool untouched = text.data() == member.text.data();
  const std::string_view kept = untouched ? text : arena_.copy(text);
  if (link.capture && !link.negated && captures.count != 0) {
    for (std::size_t i = 0; i < Captures::count_max; ++i) {
      const bool is_set = i < captures.count;
      Variable& variable = tx_.slot(static_cast<std::int32_t>(i));
      variable.is_set = is_set;
      variable.text = is_set ? moved(captures.texts[i], text, kept) : std::string_view();
    }
  }
  matched_ = {member.field, member.key, kept, member.keyed};
  matched_now_.push_back(matched_);
  if (observer_ != nullptr) {
    tried_ = text;
    tell_condition(rule, link, member, steps);
  }
  perform(rule, link);
  return true;
}

bool Run::try_member(const Rule& rule, const Link& link, const Member& member) {
  std::string_view text = member.text;
  bool matched = link.multi_match && try_text(rule, link, member, text, 0);
  unsigned buffer = 0;
  std::size_t steps = 0;
  for (const Transform transform : link.transforms) {
    const std::string_view before = text;
    ++steps;
    text = apply(transform, before, space_->scratch[buffer], program_->settings.unicode_map.get());
    if (text.data() == before.data() && text.size() == before.size()) continue;
    buffer ^= 1;
    if (link.multi_match) matched |= try_text(rule, link, member, text, steps);
  }
  return link.multi_match ? matched : try_text(rule, link, member, text, steps);
}

bool Run::try_value(const Rule& rule, const Link& link, const Target& target, const Value& value) {
  if (!selects(target, value.field, value.key) || excluded(link, value.field, value.key)) return false;
  const bool keyed = !holds(single_fields, value.field);
  return try_member(rule, link, {target.name, value.key, value.text, keyed});
}

bool Run::evaluate_hits(const Rule& rule, const Link& link) {
  bool matched = false;
  for (const Target& target : link.targets) {
    for (std::uint32_t at = first_hit_[link.number]; at != 0; at = hits_[at - 1].next) {
      matched |= try_value(rule, link, target, values_.at(hits_[at - 1].value));
      if (decision_.outcome != Outcome::pass) return matched;
    }
  }
  return matched;
}

bool Run::evaluate_tx(const Rule& rule, const Link& link, const Target& target) {
  if (target.select == Select::key) {
    const Variable& variable = tx_.slot(target.slot);
    if (!variable.is_set || excluded(link, Field::tx, target.key)) return false;
    return try_member(rule, link, {target.name, program_->tx.name(target.slot), variable.text, true});
  }
  // Matching may set further variables, so the ones there now are gathered first.
  gathered_.clear();
  for (const std::int32_t slot : target.slots) {
    if (!tx_.slot(slot).is_set) continue;
    gathered_.push_back(tx_.slot(slot));
    gathered_.back().name = program_->tx.name(slot);
  }
  for (const Variable& variable : tx_.named()) {
    if (variable.is_set && selects(target, Field::tx, variable.name)) gathered_.push_back(variable);
  }
  bool matched = false;
  for (const Variable& variable : gathered_) {
    if (excluded(link, Field::tx, variable.name)) continue;
    matched |= try_member(rule, link, {target.name, variable.name, variable.text, true});
  }
  return matched;
}

bool Run::evaluate_running(const Rule& rule, const Link& link, const Target& target) {
  bool matched = false;
  if (holds(target.fields, Field::matched_vars) || gatehouse::filters::holds(target.fields, Field::matched_vars_names)) {
    const bool names = holds(target.fields, Field::matched_vars_names);
    for (std::size_t i = 0; i < matched_before_.size(); ++i) {
      const Matched each = matched_before_[i];
      const Field field = names ? Field::matched_vars_names : Field::matched_vars;
      const std::string_view name = name_of(each);
      if (!selects(target, field, name) || excluded(link, field, name)) continue;
      // The name a match goes by stays that of the member it came from.
      matched |= try_member(rule, link, {each.field, each.key, names ? name : each.text, each.keyed});
    }
    return matched;
  }
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const Named each = named_[i];
    if (!selects(target, each.collection, each.name) || excluded(link, each.collection, each.name)) continue;
    matched |= try_member(rule, link, {target.name, each.name, each.text, true});
  }
  for (const Field field : {Field::matched_var, Field::matched_var_name, Field::rule, Field::highest_severity,
                            Field::duration, Field::clock, Field::reqbody_processor}) {
    if (!holds(target.fields, field) || excluded(link, field, target.key)) continue;
    const std::string_view text = running_text(field, target.key);
    if (text.data() == nullptr) continue;
    matched |= try_member(rule, link, {target.name, {}, text, false});
  }
  return matched;
}

std::uint64_t Run::count_members(const Link& link, const Target& target) {
  std::uint64_t count = 0;
  if (target.slot != no_slot) return tx_.slot(target.slot).is_set ? 1 : 0;
  const auto look = [&](Field field, std::string_view key) {
    count += selects(target, field, key) && !excluded(link, field, key) ? 1 : 0;
  };
  for (FieldSet rest = target.fields; rest != 0; rest &= rest - 1) {
    const Field field = first_field(rest);
    if (target.select == Select::all && link.exclusions.empty() && target_exclusions_.empty()) {
      count += values_.count(field);
      continue;
    }
    for (const Value* value = values_.first(field); value != nullptr; value = values_.next(*value)) look(field, value->key);
  }
  if (holds(target.fields, Field::tx)) {
    for (const std::int32_t slot : target.slots) {
      if (tx_.slot(slot).is_set && !excluded(link, Field::tx, program_->tx.name(slot))) ++count;
    }
    for (const Variable& variable : tx_.named()) {
      if (variable.is_set) look(Field::tx, variable.name);
    }
  }
  if (holds(target.fields, Field::matched_vars)) {
    for (const Matched& each : matched_before_) look(Field::matched_vars, name_of(each));
  }
  for (const Named& each : named_) look(each.collection, each.name);
  return count;
}

bool Run::evaluate_count(const Rule& rule, const Link& link, const Target& target) {
  const std::string_view text = number_text(count_members(link, target));
  return try_member(rule, link, {target.name, target.key, text, target.select != Select::all});
}

bool Run::evaluate_target(const Rule& rule, const Link& link, const Target& target) {
  if (target.count) return evaluate_count(rule, link, target);
  if (holds(target.fields, Field::tx)) return evaluate_tx(rule, link, target);
  if ((target.fields & running_fields) != 0) return evaluate_running(rule, link, target);
  bool matched = false;
  for (FieldSet rest = target.fields; rest != 0; rest &= rest - 1) {
    const Field field = first_field(rest);
    for (const Value* value = values_.first(field); value != nullptr; value = values_.next(*value)) {
      matched |= try_value(rule, link, target, *value);
      if (decision_.outcome != Outcome::pass) return matched;
    }
  }
  return matched;
}

bool Run::evaluate(const Rule& rule, const Link& link) {
  matched_before_.swap(matched_now_);
  matched_now_.clear();
  if (link.targets.empty()) {
    perform(rule, link);
    return true;
  }
  if (program_->planned[link.number]) return evaluate_hits(rule, link);
  bool matched = false;
  for (const Target& target : link.targets) matched |= evaluate_target(rule, link, target);
  return matched;
}

}  // namespace gatehouse::filters
