#include "gateway/upstream/endpoint_registry.hpp"

#include <algorithm>

#include "gateway/upstream/group.hpp"

namespace gatehouse::upstream {

EndpointRegistry::Kept* EndpointRegistry::kept_of(const EndpointIdentity& identity) noexcept {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.state->identity() == identity; });
  return found == kept_.end() ? nullptr : &*found;
}

std::shared_ptr<EndpointState> EndpointRegistry::obtain(const EndpointIdentity& identity, std::uint32_t weight) {
  if (Kept* known = kept_of(identity)) return known->state;
  auto state = std::make_shared<EndpointState>(take_id(), identity, weight);
  kept_.push_back(Kept{state});
  return state;
}

void EndpointRegistry::put_in_force(std::span<const Group* const> groups, std::uint64_t now_ms) {
  std::map<const EndpointState*, std::uint32_t> weights;
  for (const Group* group : groups) {
    for (std::size_t i = 0; i < group->owned().size(); ++i) {
      weights.emplace(group->owned()[i].get(), group->config().endpoints[i].weight);
    }
  }
  for (Kept& kept : kept_) {
    const auto named = weights.find(kept.state.get());
    if (named != weights.end()) {
      kept.in_force = true;
      kept.state->set_retired(false);
      kept.state->configure_weight(named->second);
      continue;
    }
    if (kept.in_force || kept.left_ms == 0) kept.left_ms = now_ms;
    if (kept.in_force) {
      kept.state->reset_weight();
      kept.state->set_draining(false);
      // What is under way there has the deregistration delay to end, as when an operator drains it.
      kept.state->set_retired(true);
      kept.state->forgive();
    }
    kept.in_force = false;
  }
}

std::size_t EndpointRegistry::collect(std::uint64_t now_ms) {
  const auto unused = [&](Kept& kept) {
    if (kept.in_force) return false;
    const bool referred = kept.state.use_count() > 1 || kept.state->open_connections() != 0;
    // The time counts from when the last configuration that names it has gone.
    if (referred || kept.left_ms == 0) kept.left_ms = now_ms;
    if (referred || now_ms < kept.left_ms + static_cast<std::uint64_t>(quarantine.count())) return false;
    free_ids_.push_back(kept.state->id());
    return true;
  };
  return std::erase_if(kept_, unused);
}

EndpointState* EndpointRegistry::find(std::string_view group, std::string_view address) const noexcept {
  for (const Kept& kept : kept_) {
    if (kept.in_force && kept.state->group() == group && kept.state->address_text() == address) return kept.state.get();
  }
  return nullptr;
}

std::uint32_t EndpointRegistry::take_id() noexcept {
  if (free_ids_.empty()) return next_id_++;
  const auto lowest = std::min_element(free_ids_.begin(), free_ids_.end());
  const std::uint32_t id = *lowest;
  free_ids_.erase(lowest);
  return id;
}

}  // namespace gatehouse::upstream
