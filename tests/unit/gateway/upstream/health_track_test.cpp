#include "gateway/upstream/health_track.hpp"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

TEST(HealthTrack, comes_back_after_the_configured_successes) {
  HealthTrack track(Thresholds(/*down*/ 2, /*up*/ 3));
  track.saw(Probe::failed);
  EXPECT_EQ(track.saw(Probe::failed), HealthChange::went_down);
  track.saw(Probe::passed);
  track.saw(Probe::passed);
  EXPECT_EQ(track.health(), Health::unhealthy);
  EXPECT_EQ(track.saw(Probe::passed), HealthChange::came_up);
  EXPECT_EQ(track.health(), Health::healthy);
}

TEST(HealthTrack, takes_a_new_endpoint_into_service_after_one_success) {
  HealthTrack track(Thresholds(2, 5));
  EXPECT_EQ(track.health(), Health::initial);
  EXPECT_EQ(track.reason(), HealthReason::registration_in_progress);
  EXPECT_EQ(track.saw(Probe::passed), HealthChange::came_up);
  EXPECT_EQ(track.health(), Health::healthy);
  EXPECT_EQ(track.reason(), HealthReason::none);
}

TEST(HealthTrack, takes_a_new_endpoint_into_service_after_a_failure_and_one_success) {
  HealthTrack track(Thresholds(3, 5));
  track.saw(Probe::failed);
  track.saw(Probe::failed);
  EXPECT_EQ(track.health(), Health::initial);
  EXPECT_EQ(track.reason(), HealthReason::initial_health_checking);
  EXPECT_EQ(track.saw(Probe::passed), HealthChange::came_up);
}

TEST(HealthTrack, goes_down_on_failures_in_a_row_only) {
  HealthTrack track(Thresholds(2, 2));
  track.saw(Probe::passed);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(track.saw(Probe::failed), HealthChange::none);
    EXPECT_EQ(track.saw(Probe::passed), HealthChange::none);
  }
  EXPECT_EQ(track.health(), Health::healthy);
}

TEST(HealthTrack, begins_the_count_of_successes_again_after_a_failure) {
  HealthTrack track(Thresholds(1, 2));
  track.saw(Probe::failed);
  track.saw(Probe::passed);
  track.saw(Probe::failed);
  track.saw(Probe::passed);
  EXPECT_EQ(track.health(), Health::unhealthy);
  EXPECT_EQ(track.in_a_row(), 1u);
  EXPECT_EQ(track.saw(Probe::passed), HealthChange::came_up);
}

TEST(HealthTrack, says_why_it_is_down_now) {
  HealthTrack track(Thresholds(1, 2));
  track.saw(Probe::failed, HealthReason::timeout);
  EXPECT_EQ(track.reason(), HealthReason::timeout);
  track.saw(Probe::failed, HealthReason::response_code_mismatch);
  EXPECT_EQ(track.reason(), HealthReason::response_code_mismatch);
  track.saw(Probe::passed);
  EXPECT_EQ(track.reason(), HealthReason::response_code_mismatch);
}

TEST(HealthTrack, reports_each_change_once) {
  HealthTrack track(Thresholds(2, 2));
  track.saw(Probe::passed);
  int downs = 0;
  for (int i = 0; i < 5; ++i) downs += track.saw(Probe::failed) == HealthChange::went_down ? 1 : 0;
  EXPECT_EQ(downs, 1);
}

TEST(HealthTrack, takes_up_changed_thresholds) {
  HealthTrack track(Thresholds(5, 2));
  track.saw(Probe::passed);
  track.saw(Probe::failed);
  track.use(Thresholds(2, 2));
  EXPECT_EQ(track.saw(Probe::failed), HealthChange::went_down);
}

TEST(HealthReason, has_the_codes_of_alb) {
  EXPECT_EQ(health_reason_code(HealthReason::response_code_mismatch), "Target.ResponseCodeMismatch");
  EXPECT_EQ(health_reason_code(HealthReason::timeout), "Target.Timeout");
  EXPECT_EQ(health_reason_code(HealthReason::failed_health_checks), "Target.FailedHealthChecks");
  EXPECT_EQ(health_reason_code(HealthReason::initial_health_checking), "Elb.InitialHealthChecking");
  EXPECT_EQ(health_reason_code(HealthReason::registration_in_progress), "Elb.RegistrationInProgress");
  EXPECT_EQ(health_reason_code(HealthReason::health_check_disabled), "Target.HealthCheckDisabled");
  EXPECT_EQ(health_reason_code(HealthReason::internal_error), "Elb.InternalError");
  EXPECT_EQ(health_reason_code(HealthReason::none), "");
  EXPECT_EQ(health_name(Health::initial), "initial");
  EXPECT_EQ(health_name(Health::healthy), "healthy");
  EXPECT_EQ(health_name(Health::unhealthy), "unhealthy");
  EXPECT_EQ(health_name(Health::unavailable), "unavailable");
}

}  // namespace
}  // namespace gatehouse::upstream
