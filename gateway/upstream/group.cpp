#include "gateway/upstream/group.hpp"

#include <algorithm>

namespace gatehouse::upstream {
namespace {

std::size_t region_index(std::span<const config::Region> regions, const std::string& name) noexcept {
  const auto found =
      std::find_if(regions.begin(), regions.end(), [&](const config::Region& region) { return region.name == name; });
  return found == regions.end() ? 0 : static_cast<std::size_t>(found - regions.begin());
}

OutlierSettings settings_of(const config::OutlierDetection& from) noexcept {
  return OutlierSettings{from.enabled, from.consecutive_failures, from.base_ejection_time, from.max_ejection_time,
                         from.max_ejection_percent};
}

}  // namespace

Group::Group(const config::TargetGroup& group, std::span<const config::Region> regions, EndpointRegistry& registry)
    : config_(group), by_region_(std::max<std::size_t>(1, regions.size())) {
  std::vector<const OutlierRecord*> records;
  for (const config::Endpoint& endpoint : config_.endpoints) {
    const std::size_t index = region_index(regions, endpoint.region);
    const std::string region = regions.empty() ? endpoint.region : regions[index].name;
    owned_.push_back(
        registry.obtain(EndpointIdentity{config_.name, endpoint.address, region, endpoint.zone}, endpoint.weight));
    all_.push_back(owned_.back().get());
    by_region_[index].push_back(all_.back());
    records.push_back(all_.back());
  }
  outlier_ = std::make_unique<Outlier>(settings_of(config_.outlier_detection), std::move(records));
}

region::Standing Group::standing(std::uint16_t region, std::uint64_t now_ms) const noexcept {
  region::Standing standing = region::Standing::absent;
  for (const EndpointState* endpoint : by_region_[region]) {
    if (endpoint->usable(now_ms)) return region::Standing::healthy;
    if (endpoint->registered()) standing = region::Standing::unhealthy;
  }
  return standing;
}

bool Group::usable(std::uint64_t now_ms) const noexcept {
  return std::any_of(all_.begin(), all_.end(),
                     [now_ms](const EndpointState* endpoint) { return endpoint->usable(now_ms); });
}

region::Choice Group::choose_region(std::span<region::RegionState* const> dials, std::uint64_t now_ms,
                                    std::uint64_t random) const noexcept {
  const auto at = [&](std::size_t i) noexcept {
    const double dial = i < dials.size() ? dials[i]->dial() : 100;
    return region::Candidate{dial, standing(static_cast<std::uint16_t>(i), now_ms)};
  };
  return region::choose_region(by_region_.size(), at, random);
}

GroupPicker::GroupPicker(const Group& group, std::uint64_t seed) {
  for (std::size_t i = 0; i < group.regions(); ++i)
    lanes_.emplace_back(group.endpoints(static_cast<std::uint16_t>(i)), seed);
  lanes_.emplace_back(group.endpoints(), seed);
}

EndpointState* GroupPicker::Lane::next_usable(std::uint64_t now_ms) noexcept {
  const std::size_t next = serving.pick(
      [&](std::size_t i) noexcept { return members[i]->ejected(now_ms) ? 0u : members[i]->serving_weight(); });
  return next == no_candidate ? nullptr : members[next];
}

EndpointState* GroupPicker::Lane::other_usable(std::uint64_t now_ms, const EndpointState* exclude) noexcept {
  const auto excluded = static_cast<std::size_t>(std::find(members.begin(), members.end(), exclude) - members.begin());
  const std::size_t next = serving.pick_beside(excluded, [&](std::size_t i) noexcept {
    return members[i]->ejected(now_ms) ? 0u : members[i]->serving_weight();
  });
  return next == no_candidate ? nullptr : members[next];
}

EndpointState* GroupPicker::Lane::next_registered(const EndpointState* exclude) noexcept {
  const bool weighted = std::any_of(members.begin(), members.end(), [](const EndpointState* member) {
    return member->registered() && member->weight() != 0;
  });
  const auto weight_of = [&](std::size_t i) noexcept {
    if (!members[i]->registered()) return 0u;
    return weighted ? members[i]->weight() : 1u;
  };
  const auto excluded = static_cast<std::size_t>(std::find(members.begin(), members.end(), exclude) - members.begin());
  std::size_t next = no_candidate;
  if (exclude != nullptr) next = open.pick_beside(excluded, weight_of);
  if (next == no_candidate) next = open.pick(weight_of);
  return next == no_candidate ? nullptr : members[next];
}

Picked GroupPicker::pick(std::uint16_t region, std::uint64_t now_ms, const EndpointState* exclude) noexcept {
  if (exclude != nullptr) return pick_again(region, now_ms, *exclude);
  if (EndpointState* next = lane(region).next_usable(now_ms)) return Picked{next, false};
  return fail_open(region, now_ms, nullptr);
}

/// For a second attempt: what was learned an instant ago counts for more than the region's dial.
Picked GroupPicker::pick_again(std::uint16_t region, std::uint64_t now_ms, const EndpointState& exclude) noexcept {
  if (EndpointState* next = lane(region).other_usable(now_ms, &exclude)) return Picked{next, false};
  for (std::size_t i = 0; i + 1 < lanes_.size(); ++i) {
    if (EndpointState* next = lanes_[i].other_usable(now_ms, &exclude)) return Picked{next, false};
  }
  const auto& members = lane(region).members;
  const auto itself = std::find(members.begin(), members.end(), &exclude);
  if (itself != members.end() && exclude.usable(now_ms)) return Picked{*itself, false};
  return fail_open(region, now_ms, &exclude);
}

Picked GroupPicker::fail_open(std::uint16_t region, std::uint64_t now_ms, const EndpointState* exclude) noexcept {
  if (EndpointState* next = lane(region).next_registered(exclude)) return Picked{next, true};
  for (std::size_t i = 0; i + 1 < lanes_.size(); ++i) {
    if (EndpointState* next = lanes_[i].next_usable(now_ms)) return Picked{next, false};
  }
  EndpointState* const last = lanes_.back().next_registered(exclude);
  return Picked{last, last != nullptr};
}

}  // namespace gatehouse::upstream
