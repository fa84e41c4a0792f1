// Group: a target group of one configuration, compiled: its endpoints by region in order of proximity. Immutable and
// shared by all workers, while its EndpointStates change under it. GroupPicker is one worker's place in the group's
// rotation: it picks endpoints by weight among those that are usable. One picker per worker and configuration.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gateway/region/dial.hpp"
#include "gateway/region/region_state.hpp"
#include "gateway/upstream/endpoint.hpp"
#include "gateway/upstream/endpoint_registry.hpp"
#include "gateway/upstream/outlier.hpp"
#include "gateway/upstream/weighted.hpp"

namespace gatehouse::upstream {

/// pick(any_region, ...): over all endpoints of the group.
inline constexpr std::uint16_t any_region = region::no_region;

class Group {
 public:
  /// `regions` in order of proximity; empty: one region that holds every endpoint. An endpoint without a region, or
  /// with one that is not listed, belongs to the first.
  Group(const config::TargetGroup& group, std::span<const config::Region> regions, EndpointRegistry& registry);

  const std::string& name() const noexcept { return config_.name; }
  const config::TargetGroup& config() const noexcept { return config_; }
  /// At least 1.
  std::size_t regions() const noexcept { return by_region_.size(); }
  /// In the configuration's order.
  std::span<EndpointState* const> endpoints() const noexcept { return all_; }
  std::span<EndpointState* const> endpoints(std::uint16_t region) const noexcept { return by_region_[region]; }
  /// The same with their shared ownership, and the configured weight at the same index in config().endpoints.
  std::span<const std::shared_ptr<EndpointState>> owned() const noexcept { return owned_; }

  // Health by region. Any thread.
  region::Standing standing(std::uint16_t region, std::uint64_t now_ms) const noexcept;
  bool eligible(std::uint16_t region, std::uint64_t now_ms) const noexcept {
    return standing(region, now_ms) == region::Standing::healthy;
  }
  /// Whether any endpoint is usable.
  bool usable(std::uint64_t now_ms) const noexcept;
  /// The region for a new client connection: dials, proximity and health (region/dial.hpp). `dials` are the states of
  /// the regions given at construction, in the same order; empty stands for one region.
  region::Choice choose_region(std::span<region::RegionState* const> dials, std::uint64_t now_ms,
                               std::uint64_t random) const noexcept;

  // What traffic sees. Any thread.
  const Outlier& outlier() const noexcept { return *outlier_; }

 private:
  config::TargetGroup config_;
  std::vector<std::shared_ptr<EndpointState>> owned_;
  std::vector<EndpointState*> all_;
  std::vector<std::vector<EndpointState*>> by_region_;
  std::unique_ptr<Outlier> outlier_;
};

/// What a pick found.
struct Picked {
  EndpointState* endpoint{nullptr};  // null only when no endpoint is registered
  bool failed_open{false};           // none was usable, so one is tried all the same
};

class GroupPicker {
 public:
  /// The group outlives the picker. Different seeds let workers start at different endpoints.
  GroupPicker(const Group& group, std::uint64_t seed);

  /// The next endpoint of the region by weight. `exclude` is one that just failed: another usable one is preferred, of
  /// this region or of the next nearest, and only then itself. When none of the region is usable, its registered ones
  /// serve in turn, unhealthy as they are (fail open): by weight, or in equal parts when all weights are 0. A region
  /// without a registered endpoint gives one of another region.
  Picked pick(std::uint16_t region, std::uint64_t now_ms, const EndpointState* exclude = nullptr) noexcept;

 private:
  struct Lane {
    Lane(std::span<EndpointState* const> members, std::uint64_t seed)
        : members(members), serving(members.size(), seed), open(members.size(), seed) {}
    EndpointState* next_usable(std::uint64_t now_ms) noexcept;
    EndpointState* other_usable(std::uint64_t now_ms, const EndpointState* exclude) noexcept;
    EndpointState* next_registered(const EndpointState* exclude) noexcept;

    std::span<EndpointState* const> members;
    Rotation serving;
    Rotation open;  // for failing open, apart, so that each keeps its place
  };

  Picked pick_again(std::uint16_t region, std::uint64_t now_ms, const EndpointState& exclude) noexcept;
  Picked fail_open(std::uint16_t region, std::uint64_t now_ms, const EndpointState* exclude) noexcept;
  Lane& lane(std::uint16_t region) noexcept { return region < lanes_.size() - 1 ? lanes_[region] : lanes_.back(); }

  std::vector<Lane> lanes_;  // one a region, and one over all
};

}  // namespace gatehouse::upstream
