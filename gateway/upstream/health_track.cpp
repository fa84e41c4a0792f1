#include "gateway/upstream/health_track.hpp"

namespace gatehouse::upstream {

std::string_view health_name(Health health) noexcept {
  switch (health) {
    case Health::initial:
      return "initial";
    case Health::healthy:
      return "healthy";
    case Health::unhealthy:
      return "unhealthy";
    case Health::unavailable:
      return "unavailable";
  }
  return {};
}

std::string_view health_reason_code(HealthReason reason) noexcept {
  switch (reason) {
    case HealthReason::none:
      return "";
    case HealthReason::registration_in_progress:
      return "Elb.RegistrationInProgress";
    case HealthReason::initial_health_checking:
      return "Elb.InitialHealthChecking";
    case HealthReason::response_code_mismatch:
      return "Target.ResponseCodeMismatch";
    case HealthReason::timeout:
      return "Target.Timeout";
    case HealthReason::failed_health_checks:
      return "Target.FailedHealthChecks";
    case HealthReason::internal_error:
      return "Elb.InternalError";
    case HealthReason::health_check_disabled:
      return "Target.HealthCheckDisabled";
  }
  return {};
}

HealthChange HealthTrack::saw(Probe probe, HealthReason why) noexcept {
  in_a_row_ = probe == last_ ? in_a_row_ + 1 : 1;
  last_ = probe;
  if (probe == Probe::passed) {
    // One success is enough for a new endpoint; the threshold is for one that has been down (aws-alb 7).
    const bool up = health_ != Health::unhealthy || in_a_row_ >= thresholds_.up;
    if (!up) return HealthChange::none;
    const bool came = health_ != Health::healthy;
    health_ = Health::healthy;
    reason_ = HealthReason::none;
    return came ? HealthChange::came_up : HealthChange::none;
  }
  const bool went = health_ != Health::unhealthy && in_a_row_ >= thresholds_.down;
  if (went) health_ = Health::unhealthy;
  if (health_ == Health::unhealthy) reason_ = why;
  if (health_ == Health::initial) reason_ = HealthReason::initial_health_checking;
  return went ? HealthChange::went_down : HealthChange::none;
}

}  // namespace gatehouse::upstream
