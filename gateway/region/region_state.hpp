// RegionState: what is known of a region while the process runs: its dial as configured and as changed at run time.
// Lives across reloads; a run-time change survives a reload, not a restart, and ends when the region leaves the
// configuration. Dials are atomics: the control thread writes them, workers read them for every new connection.
// RegionRegistry owns the states; control thread only.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::region {

class RegionState {
 public:
  explicit RegionState(std::string name) : name_(std::move(name)) {}

  const std::string& name() const noexcept { return name_; }
  /// The dial in force, in percent. Any thread.
  double dial() const noexcept { return dial_.load(std::memory_order_relaxed); }
  double configured_dial() const noexcept { return configured_.load(std::memory_order_relaxed); }
  /// Whether the dial in force was set at run time. Any thread.
  bool overridden() const noexcept { return overridden_.load(std::memory_order_relaxed); }

  /// Sets the dial at run time, 0 to 100. Control thread.
  void turn(double dial) noexcept;
  /// Back to the configured dial. Control thread.
  void reset() noexcept;

 private:
  friend class RegionRegistry;
  void configure(double dial) noexcept;

  std::string name_;
  std::atomic<double> configured_{100};
  std::atomic<double> dial_{100};
  std::atomic<bool> overridden_{false};
};

/// A region as the configuration names it.
struct NamedDial {
  std::string_view name;
  double dial{100};
};

class RegionRegistry {
 public:
  /// The state of that name, made when it is new; it stays as long as the registry.
  RegionState& obtain(std::string_view name);
  /// The configuration with these regions is now the one in force.
  void put_in_force(std::span<const NamedDial> regions);
  RegionState* find(std::string_view name) noexcept;

 private:
  std::vector<std::unique_ptr<RegionState>> states_;
};

}  // namespace gatehouse::region
