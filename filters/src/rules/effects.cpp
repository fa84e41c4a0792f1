// Run: what links do when they match.
#include <algorithm>

#include "core/ascii.hpp"
#include "rules/run.hpp"

namespace gatehouse::filters {

void Run::perform(const Rule&, const Link& link) {
  for (const Effect& effect : link.effects) {
    std::visit([this](const auto& each) { perform(each); }, effect);
  }
}

Variable* Run::tx_place(std::int32_t slot, std::string_view name, bool make) {
  if (slot == no_slot) slot = program_->tx.find(name);
  if (slot != no_slot) return &tx_.slot(slot);
  for (Variable& variable : tx_.named()) {
    if (same_letters(variable.name, name)) return &variable;
  }
  if (!make) return nullptr;
  return &tx_.named().emplace_back(Variable{arena_.copy(name), {}, false});
}

std::string_view* Run::variable_place(Field collection, std::string_view name, bool make) {
  for (Named& each : named_) {
    if (each.collection == collection && same_letters(each.name, name)) return &each.text;
  }
  if (!make) return nullptr;
  named_.push_back({collection, arena_.copy(name), {}});
  return &named_.back().text;
}

void Run::remove_variable(const SetVariable& effect, std::string_view key) {
  if (effect.collection == Field::tx) {
    if (Variable* variable = tx_place(effect.slot, key, false)) variable->is_set = false, variable->text = {};
    return;
  }
  std::erase_if(named_, [&](const Named& each) {
    return each.collection == effect.collection && same_letters(each.name, key);
  });
}

void Run::perform(const SetVariable& effect) {
  const bool is_tx = effect.collection == Field::tx;
  // A collection that no rule has opened does not exist.
  if (!is_tx && opened(effect.collection) == nullptr) return;
  const std::string_view key = effect.slot == no_slot ? expand(effect.key) : program_->tx.name(effect.slot);
  if (effect.change == Change::remove) {
    remove_variable(effect, key);
    note_change(effect, key, {});
    if (observer_ != nullptr) tell_change(effect.collection, key, {});
    return;
  }
  const std::string_view value = expand(effect.value);
  Changed changed;
  Variable* variable = is_tx ? tx_place(effect.slot, key, true) : nullptr;
  std::string_view* place = is_tx ? &variable->text : variable_place(effect.collection, key, true);
  changed.before = *place;
  if (effect.change == Change::set) {
    // A reference alone expands to a view of a variable, a header or a match: all of them outlive the transaction's
    // rules, captures included, because what matches is copied.
    *place = value;
  } else {
    const std::int64_t by = leading_integer(value);
    const std::int64_t before = leading_integer(*place);
    // ModSecurity 2 never goes below zero.
    const std::int64_t after = std::max<std::int64_t>(0, effect.change == Change::add ? before + by : before - by);
    changed.added = after - before;
    *place = number_text(static_cast<std::uint64_t>(after));
  }
  if (variable != nullptr) variable->is_set = true;
  changed.after = *place;
  if (!is_tx) note_change(effect, key, changed);
  if (observer_ == nullptr) return;
  tell_change(effect.collection, key, changed);
}

void Run::perform(const SetEnvironment& effect) {
  if (effect.remove) {
    std::erase_if(named_, [&](const Named& each) {
      return each.collection == Field::env && same_letters(each.name, effect.name);
    });
  } else {
    *variable_place(Field::env, effect.name, true) = expand(effect.value);
  }
}

void Run::perform(const RemoveRules& effect) {
  if (effect.only_target) {
    target_exclusions_.push_back(&effect);
    return;
  }
  for (std::size_t i = 0; i < removed_.size(); ++i) removed_[i] |= effect.rules[i];
}

void Run::perform(const ChooseBodyFormat& effect) { body_.choose(effect.format, content_type_); }

void Run::perform(const SwitchBody& effect) {
  switch (effect.what) {
    case SwitchBody::What::request_access: request_access_ = effect.on; return;
    case SwitchBody::What::response_access: response_access_ = effect.on; return;
    case SwitchBody::What::force_request_variable: force_request_variable_ = effect.on; return;
    case SwitchBody::What::force_response_variable: response_body_wanted_ = effect.on; return;
  }
}

void Run::perform(const LimitBody& effect) {
  if (effect.response) {
    response_text_.limit(effect.bytes);
  } else {
    body_.limit(effect.bytes);
  }
}

void Run::limit_reached() noexcept {
  undecided_ = true;
  Variable* variable = tx_place(no_slot, "msc_pcre_limits_exceeded", true);
  variable->text = "1";
  variable->is_set = true;
}

bool Run::locate(const Address& address) {
  std::vector<std::pair<std::string, std::string>> known;
  if (!surroundings_->locate(address, known)) return false;
  for (const auto& [key, text] : known) *variable_place(Field::geo, key, true) = arena_.copy(text);
  return true;
}

}  // namespace gatehouse::filters
