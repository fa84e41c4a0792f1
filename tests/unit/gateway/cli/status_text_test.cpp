#include "gateway/cli/status_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "gateway/cli/table.hpp"

namespace gatehouse::cli {
namespace {

constexpr const char* document = R"({
  "version": "1.2.3", "pid": 4711, "uptime_seconds": 11533, "workers": 2, "ready": true, "draining": false,
  "generation": 3, "config_file": "edge.yaml", "config_loaded_at": 1714566896,
  "last_reload": {"ok": false, "at": 1714566900, "message": "edge.yaml:3:1: error"},
  "requests_total": 1234567, "requests_per_second": 812.44, "connections_active": 210,
  "duration_p50_seconds": 0.0012, "duration_p99_seconds": 0.25, "access_log_dropped": 7,
  "listeners": [{"name": "https", "address": "0.0.0.0:8443", "protocol": "HTTPS",
                 "connections_active": 210, "connections_total": 99123}],
  "target_groups": [{"name": "web", "protocol": "HTTP", "algorithm": "round_robin", "failing_open": false, "endpoints": [
    {"address": "127.0.0.1:9001", "region": "eu-north-1", "zone": "a", "weight": 0, "configured_weight": 128,
     "weight_override": 0, "state": "healthy", "reason": "", "healthy": true, "ejected": false, "draining": false,
     "active": 3, "requests": 991},
    {"address": "[::1]:9002", "region": "eu-west-1", "zone": "", "weight": 128, "configured_weight": 128,
     "weight_override": null, "state": "unhealthy", "reason": "connection\nrefused", "healthy": false, "ejected": true,
     "draining": true, "active": 0, "requests": 0}]}],
  "regions": [{"name": "eu-north-1", "traffic_dial": 12.5, "configured_dial": 100, "dial_override": 12.5,
               "endpoints": 2, "healthy_endpoints": 1}]
})";

TEST(StatusText, shows_everything_a_person_asks_in_aligned_columns) {
  EXPECT_EQ(status_text(boost::json::parse(document)),
            "gatehouse 1.2.3  serving  up 3h 12m  pid 4711  2 workers\n"
            "configuration  edge.yaml  generation 3  loaded 2024-05-01 12:34:56 UTC\n"
            "last reload    FAILED 2024-05-01 12:35:00 UTC: edge.yaml:3:1: error\n"
            "traffic        812.4 requests/s  1234567 requests  210 connections  p50 1.2 ms  p99 250.0 ms\n"
            "access log     7 lines dropped\n"
            "\n"
            "LISTENER  ADDRESS       PROTOCOL  CONNECTIONS  SINCE START\n"
            "https     0.0.0.0:8443  HTTPS     210          99123\n"
            "\n"
            "TARGET GROUP web  HTTP  round_robin  1 of 2 healthy\n"
            "  ENDPOINT        REGION      ZONE  ACTIVE  REQUESTS  WEIGHT                               HEALTH\n"
            "  127.0.0.1:9001  eu-north-1  a     3       991       0 (set at run time, configured 128)  healthy\n"
            "  [::1]:9002      eu-west-1   -     0       0         128                                  "
            "unhealthy, ejected, draining: connection?refused\n"
            "\n"
            "REGION      ENDPOINTS       TRAFFIC DIAL\n"
            "eu-north-1  1 of 2 healthy  12.5 (set at run time, configured 100)\n");
}

TEST(StatusText, what_is_missing_is_left_out_and_nothing_breaks) {
  const std::string text = status_text(boost::json::parse(R"({"version": "9", "target_groups": 5, "listeners": [7]})"));
  EXPECT_NE(text.find("gatehouse 9  not ready"), std::string::npos);
  EXPECT_EQ(text.find("TARGET GROUP"), std::string::npos);
}

TEST(StatusText, a_group_that_fails_open_says_so) {
  const std::string text = status_text(boost::json::parse(
      R"({"target_groups": [{"name": "api", "failing_open": true, "endpoints": []}]})"));
  EXPECT_NE(text.find("TARGET GROUP api  -  -  0 of 0 healthy  FAILING OPEN"), std::string::npos);
}

TEST(Table, numbers_and_times_are_short) {
  EXPECT_EQ(duration_text(5), "5s");
  EXPECT_EQ(duration_text(725), "12m 5s");
  EXPECT_EQ(duration_text(275'000), "3d 4h");
  EXPECT_EQ(latency_text(0.00085), "850 us");
  EXPECT_EQ(latency_text(1.25), "1.25 s");
  EXPECT_EQ(number_text(100), "100");
  EXPECT_EQ(number_text(12.5), "12.5");
}

TEST(Table, columns_are_as_wide_as_characters_not_bytes) {
  Table table({"A", "B"});
  table.add({"né", "x"});
  table.add({"abc", "y"});
  EXPECT_EQ(table.text(), "A    B\nné   x\nabc  y\n");
}

TEST(Table, cells_cannot_control_a_terminal) {
  EXPECT_EQ(cell("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(cell(""), "-");
}

}  // namespace
}  // namespace gatehouse::cli
