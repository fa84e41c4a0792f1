// HealthTrack: what an endpoint's probes say about it, decided apart from probing. A new endpoint is `initial` and
// serves; its first success makes it healthy. After that `down` failures in a row make it unhealthy and `up` successes
// in a row bring it back. Reasons carry ALB's codes. A plain value; control thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::upstream {

enum class Health : std::uint8_t {
  initial,
  healthy,
  unhealthy,
  unavailable,  // health checks are off: serves
};
/// "initial", "healthy", ...
std::string_view health_name(Health health) noexcept;

/// Why it is not simply healthy.
enum class HealthReason : std::uint8_t {
  none,
  registration_in_progress,  // not probed yet
  initial_health_checking,   // probed, not yet decided
  response_code_mismatch,
  timeout,
  failed_health_checks,  // refused, reset, not HTTP
  internal_error,        // ours: the probe could not be made
  health_check_disabled,
};
/// ALB's code: "Target.Timeout", "Elb.InitialHealthChecking", ...; empty for none.
std::string_view health_reason_code(HealthReason reason) noexcept;

struct Thresholds {
  Thresholds(std::uint32_t down, std::uint32_t up) noexcept : down(down), up(up) {}
  std::uint32_t down;
  std::uint32_t up;
};

/// How one probe ended.
enum class Probe : std::uint8_t { passed, failed };
enum class HealthChange : std::uint8_t { none, went_down, came_up };

class HealthTrack {
 public:
  explicit HealthTrack(Thresholds thresholds, Health health = Health::initial) noexcept
      : thresholds_(thresholds), health_(health) {}

  /// Takes in one probe and says what it changed.
  HealthChange saw(Probe probe, HealthReason why = HealthReason::failed_health_checks) noexcept;
  /// A reload changed the thresholds; the state and the run so far stay.
  void use(Thresholds thresholds) noexcept { thresholds_ = thresholds; }

  Health health() const noexcept { return health_; }
  HealthReason reason() const noexcept { return reason_; }
  /// Probes in a row that ended as the last one did.
  std::uint32_t in_a_row() const noexcept { return in_a_row_; }

 private:
  Thresholds thresholds_;
  Health health_;
  HealthReason reason_{HealthReason::registration_in_progress};
  Probe last_{Probe::passed};
  std::uint32_t in_a_row_{0};
};

}  // namespace gatehouse::upstream
