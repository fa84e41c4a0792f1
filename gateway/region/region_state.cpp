#include "gateway/region/region_state.hpp"

#include <algorithm>

namespace gatehouse::region {

void RegionState::turn(double dial) noexcept {
  dial_.store(std::clamp(dial, 0.0, 100.0), std::memory_order_relaxed);
  overridden_.store(true, std::memory_order_relaxed);
}

void RegionState::reset() noexcept {
  overridden_.store(false, std::memory_order_relaxed);
  dial_.store(configured_dial(), std::memory_order_relaxed);
}

void RegionState::configure(double dial) noexcept {
  configured_.store(dial, std::memory_order_relaxed);
  if (!overridden()) dial_.store(dial, std::memory_order_relaxed);
}

RegionState& RegionRegistry::obtain(std::string_view name) {
  if (RegionState* known = find(name)) return *known;
  return *states_.emplace_back(std::make_unique<RegionState>(std::string(name)));
}

void RegionRegistry::put_in_force(std::span<const NamedDial> regions) {
  for (const auto& state : states_) {
    const auto named = [&](const NamedDial& region) { return region.name == state->name(); };
    if (std::none_of(regions.begin(), regions.end(), named)) state->reset();
  }
  for (const NamedDial& region : regions) obtain(region.name).configure(region.dial);
}

RegionState* RegionRegistry::find(std::string_view name) noexcept {
  for (const auto& state : states_) {
    if (state->name() == name) return state.get();
  }
  return nullptr;
}

}  // namespace gatehouse::region
