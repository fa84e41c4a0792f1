// Run: collections that outlive the request.
#include <algorithm>

#include "core/ascii.hpp"
#include "rules/run.hpp"

namespace gatehouse::filters {

std::string_view collection_name(Field collection) noexcept {
  switch (collection) {
    case Field::tx: return "tx";
    case Field::ip: return "ip";
    case Field::global: return "global";
    case Field::session: return "session";
    case Field::user: return "user";
    case Field::resource: return "resource";
    default: return "env";
  }
}

Run::Opened* Run::opened(Field collection) noexcept {
  const auto found = std::find_if(opened_.begin(), opened_.end(), [=](const Opened& each) { return each.collection == collection; });
  return found == opened_.end() ? nullptr : &*found;
}

void Run::perform(const OpenCollection& effect) {
  // The first key holds for the rest of the transaction.
  if (opened(effect.collection) != nullptr) return;
  const std::string_view key = expand(effect.key);
  opened_.push_back({effect.collection, key, {}});
  CollectionState state;
  state.created_s = state.updated_s = surroundings_->now_us() / 1'000'000;
  Collections* store = surroundings_->collections();
  const bool found = store != nullptr && store->load({collection_name(effect.collection), key}, state.created_s, state);
  const auto put = [&](std::string_view name, std::string_view text) { *variable_place(effect.collection, name, true) = text; };
  for (const CollectionMember& member : state.members) put(member.name, arena_.copy(member.text));
  put("key", key);
  put("is_new", found ? "0" : "1");
  put("timeout", number_text(program_->settings.collection_timeout_s));
  put("create_time", number_text(state.created_s));
  put("last_update_time", number_text(state.updated_s));
  put("update_counter", number_text(state.updates));
}

void Run::perform(const ExpireVariable& effect) {
  Opened* collection = opened(effect.collection);
  if (collection == nullptr) return;
  CollectionChange change;
  change.kind = CollectionChange::Kind::expire;
  change.name = lowered(expand(effect.key));
  change.after_s = static_cast<std::uint64_t>(std::max<std::int64_t>(0, leading_integer(expand(effect.seconds))));
  collection->changes.push_back(std::move(change));
}

void Run::note_change(const SetVariable& effect, std::string_view key, const Changed& changed) {
  Opened* collection = opened(effect.collection);
  if (collection == nullptr) return;
  CollectionChange change;
  change.name = lowered(key);
  switch (effect.change) {
    case Change::remove: change.kind = CollectionChange::Kind::remove; break;
    case Change::set: change.text = changed.after; break;
    case Change::add:
    case Change::subtract:
      change.kind = CollectionChange::Kind::add;
      change.added = changed.added;
      break;
  }
  collection->changes.push_back(std::move(change));
}

void Run::store_collections() {
  Collections* store = surroundings_->collections();
  for (const Opened& each : opened_) {
    if (store == nullptr || each.changes.empty()) continue;
    store->store({collection_name(each.collection), each.key}, surroundings_->now_us() / 1'000'000,
                 program_->settings.collection_timeout_s, each.changes);
  }
  opened_.clear();
}

}  // namespace gatehouse::filters
