// EndpointRegistry: makes EndpointStates and hands them out by group and address, so that a reload finds the ones it
// had. Ids stay dense: those of forgotten endpoints are given again, but only after nobody can refer to them any more
// (no configuration, no open connection, and a while after). Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/upstream/endpoint.hpp"

namespace gatehouse::upstream {

class Group;

class EndpointRegistry {
 public:
  /// How long an endpoint has to be out of every configuration before its id may be given again.
  static constexpr std::chrono::milliseconds quarantine{300'000};

  /// The endpoint of that identity, made when it is new. Changes nothing of one that exists: that comes with
  /// put_in_force(), so a configuration that is refused later leaves no trace.
  std::shared_ptr<EndpointState> obtain(const EndpointIdentity& identity, std::uint32_t weight);

  /// The configuration with these groups is now the one in force: its weights count, and run-time changes to endpoints
  /// that it no longer names are undone.
  void put_in_force(std::span<const Group* const> groups, std::uint64_t now_ms);

  /// Forgets what nobody uses. Returns how many. Once a minute or so, and after reloads.
  std::size_t collect(std::uint64_t now_ms);

  /// The endpoint in force of that key, or null.
  EndpointState* find(std::string_view group, std::string_view address) const noexcept;
  std::size_t size() const noexcept { return kept_.size(); }

 private:
  struct Kept {
    std::shared_ptr<EndpointState> state;
    bool in_force{false};
    std::uint64_t left_ms{0};  // when it left the configuration in force, or was first seen outside
  };
  Kept* kept_of(const EndpointIdentity& identity) noexcept;
  std::uint32_t take_id() noexcept;

  std::vector<Kept> kept_;
  std::vector<std::uint32_t> free_ids_;
  std::uint32_t next_id_{0};
};

}  // namespace gatehouse::upstream
