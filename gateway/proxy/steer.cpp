// Step 5, steer: which target group of the forward action, by weight, and for this connection which region, by dial and
// health (region/dial.hpp). A connection keeps its region for a group until the region has no healthy endpoint left.
#include <algorithm>

#include "gateway/proxy/proxy.hpp"
#include "gateway/upstream/weighted.hpp"

namespace gatehouse::proxy {
namespace {

exchange::RegionMemory* remembered(exchange::Connection& connection, std::uint32_t group) noexcept {
  for (exchange::RegionMemory& memory : connection.regions) {
    if (memory.region != region::no_region && memory.group == group) return &memory;
  }
  return nullptr;
}

/// A free place, or that of the oldest choice.
exchange::RegionMemory& place(exchange::Connection& connection) noexcept {
  return *std::ranges::min_element(connection.regions, {}, &exchange::RegionMemory::age);
}

}  // namespace

void Proxy::steer(Passage& passage, const CompiledAction& action) {
  Exchange& x = passage.x;
  if (passage.caching && passage.caching->behavior.origin.primary != nullptr) {
    const CompiledOrigin& origin = passage.caching->behavior.origin;
    passage.group = origin.primary;
    passage.origin = origin.secondary == nullptr ? nullptr : &origin;
    if (passage.group->group.regions() > 1) passage.region = region_for(passage);
    return;
  }
  std::size_t chosen = 0;
  if (action.forward.size() > 1) {
    const std::uint64_t draw = worker_.random().next();
    chosen = upstream::draw_weighted(action.forward.size(), [&](std::size_t i) { return action.forward[i].weight; }, draw);
    if (chosen == upstream::no_candidate) chosen = 0;  // all weights are 0: ALB serves the first
    x.trail.note(x.trail.last_ns(), Decision::group_chosen, draw, 0, static_cast<std::uint16_t>(chosen));
  }
  passage.group = action.forward[chosen].group;
  if (passage.group->group.regions() > 1) passage.region = region_for(passage);
}

std::uint16_t Proxy::region_for(Passage& passage) {
  Exchange& x = passage.x;
  const CompiledGroup& group = *passage.group;
  const std::uint64_t now_ms = x.trail.last_ns() / 1'000'000;
  exchange::RegionMemory* memory = remembered(*x.connection, group.id);
  // A reload may have taken regions away, so the number is checked, and the name behind it by the configuration's age.
  const bool valid = memory != nullptr && memory->generation == passage.snapshot.generation && memory->region < group.group.regions();
  if (valid && group.group.eligible(memory->region, now_ms)) {
    x.trail.note(x.trail.last_ns(), Decision::region_kept, 0, 0, memory->region);
    return memory->region;
  }
  const std::uint64_t draw = worker_.random().next();
  const region::Choice choice = group.group.choose_region(passage.snapshot.regions, now_ms, draw);
  x.trail.note(x.trail.last_ns(), Decision::region_drawn, draw, static_cast<std::uint8_t>(choice.reason), choice.region);
  if (choice.region == region::no_region) return upstream::any_region;
  metrics_.region(group.region_series[choice.region]).chosen(static_cast<unsigned>(choice.reason));
  if (memory == nullptr) memory = &place(*x.connection);
  *memory = {group.id, choice.region, x.connection->exchanges, passage.snapshot.generation};
  return choice.region;
}

}  // namespace gatehouse::proxy
