// Keys of a target group: how its endpoints are chosen, probed, ejected and spoken to.
#include "sections.hpp"

namespace gatehouse::config {

using std::chrono_literals::operator""h;

const Section<HealthCheck>& health_check_section() {
  static const Section<HealthCheck> section{
      .meaning = "Probes every endpoint all the time.",
      .keys = {
          key("enabled", &HealthCheck::enabled, flag(), "Whether endpoints are probed; when not, all count as healthy.")
              .source("HealthCheckEnabled"),
          key("protocol", &HealthCheck::protocol,
              choice<HealthProtocol>(
                  {{"HTTP", HealthProtocol::http}, {"HTTPS", HealthProtocol::https}, {"TCP", HealthProtocol::tcp}}),
              "How they are probed. TCP only connects.")
              .source("HealthCheckProtocol"),
          key("port", &HealthCheck::port, whole(0, 65535), "Where they are probed; 0 is the endpoint's own port.")
              .source("HealthCheckPort"),
          key("path", &HealthCheck::path, text(request_path), "What HTTP and HTTPS probes ask for.")
              .source("HealthCheckPath"),
          key("interval", &HealthCheck::interval, duration(100ms, 300000ms),
              "From the start of one probe to the start of the next.")
              .source("HealthCheckIntervalSeconds (5-300)"),
          key("timeout", &HealthCheck::timeout, duration(50ms, 120000ms),
              "Without a complete answer after this time the probe has failed. Not longer than the interval.")
              .source("HealthCheckTimeoutSeconds (2-120)"),
          key("healthy_threshold", &HealthCheck::healthy_threshold, whole(2, 10),
              "Successes in a row that bring an unhealthy endpoint back.")
              .source("HealthyThresholdCount"),
          key("unhealthy_threshold", &HealthCheck::unhealthy_threshold, whole(2, 10),
              "Failures in a row that make it unhealthy.")
              .source("UnhealthyThresholdCount"),
          key("matcher", &HealthCheck::matcher, text(status_matcher), "Status codes that count as success.")
              .source("Matcher.HttpCode"),
      }};
  return section;
}

const Section<OutlierDetection>& outlier_detection_section() {
  static const Section<OutlierDetection> section{
      .meaning = "Takes an endpoint out for a while on what real traffic sees, between probes.",
      .keys = {
          key("enabled", &OutlierDetection::enabled, flag(), "Whether real traffic is watched."),
          key("consecutive_failures", &OutlierDetection::consecutive_failures, whole(1, 10000),
              "Refused, reset or timed out connections and 502, 503 or 504 responses in a row that take it out."),
          key("base_ejection_time", &OutlierDetection::base_ejection_time, duration(100ms, 24h),
              "How long it stays out, times the number of ejections in a row."),
          key("max_ejection_time", &OutlierDetection::max_ejection_time, duration(100ms, 24h),
              "The longest it stays out."),
          key("max_ejection_percent", &OutlierDetection::max_ejection_percent, whole(0, 100),
              "The share of the group that may be out at once; one endpoint always may."),
      }};
  return section;
}

const Section<OriginTls>& origin_tls_section() {
  static const Section<OriginTls> section{
      .meaning = "TLS towards endpoints, when the group's protocol is HTTPS.",
      .keys = {
          key("verify", &OriginTls::verify, flag(),
              "Whether an endpoint has to prove its name. `false` is what an ALB does."),
          key("ca_file", &OriginTls::ca_file, text(file_name),
              "Authorities to trust, in PEM; not given, the system's."),
          key("server_name", &OriginTls::server_name, text(host_name),
              "The name to ask for and to verify; not given, the host of the endpoint's address."),
      }};
  return section;
}

const Section<Endpoint>& endpoint_section() {
  static const Section<Endpoint> section{
      .meaning = "One address of an origin.",
      .keys =
          {
              key("address", &Endpoint::address, text(origin_address),
                  "Where it listens. A name is resolved and followed.")
                  .required()
                  .source("Targets.Id, Port"),
              key("region", &Endpoint::region, text(name), "A name of `regions`; not given, the first one.")
                  .source("EndpointGroupRegion"),
              key("zone", &Endpoint::zone, text(name), "A label for logs and status.").source("AvailabilityZone"),
              key("weight", &Endpoint::weight, whole(0, 255),
                  "Its share of the group's traffic in its region; 0 takes none.")
                  .source("Weight (Global Accelerator)"),
          },
      .identity = [](const Endpoint& endpoint) { return endpoint.address; }};
  return section;
}

const Section<TargetGroup>& target_group_section() {
  static const Section<TargetGroup> section{
      .meaning = "Endpoints that serve the same thing.",
      .keys =
          {
              key("name", &TargetGroup::name, text(name), "What actions call it.").required().source("Name"),
              key("protocol", &TargetGroup::protocol,
                  choice<TargetProtocol>({{"HTTP", TargetProtocol::http}, {"HTTPS", TargetProtocol::https}}),
                  "What its endpoints speak.")
                  .source("Protocol"),
              key("algorithm", &TargetGroup::algorithm, choice<Algorithm>({{"round_robin", Algorithm::round_robin}}),
                  "How an endpoint is chosen.")
                  .source("load_balancing.algorithm.type"),
              key("health_check", &TargetGroup::health_check, one(health_check_section()), "Active probes."),
              key("outlier_detection", &TargetGroup::outlier_detection, one(outlier_detection_section()),
                  "What real traffic tells."),
              key("tls", &TargetGroup::tls, one(origin_tls_section()), "TLS towards the endpoints."),
              key("retries", &TargetGroup::retries, whole(0, 1),
                  "How often a request that reached no origin is tried elsewhere."),
              key("idle_connections", &TargetGroup::idle_connections, whole(0, 65535),
                  "Idle connections kept for each worker and endpoint."),
              key("deregistration_delay", &TargetGroup::deregistration_delay, duration(0ms, 1h),
                  "How long exchanges may go on with an endpoint that leaves or drains.")
                  .source("deregistration_delay.timeout_seconds"),
              key("origin_path", &TargetGroup::origin_path, text(origin_path), "Stands before the path of every request that is sent.")
                  .source("OriginPath"),
              key("origin_custom_headers", &TargetGroup::origin_custom_headers, many(origin_custom_header_section()),
                  "Fields that every request is sent with, in place of the client's of the same name.")
                  .source("OriginCustomHeaders"),
              key("origin_access_control", &TargetGroup::origin_access_control, maybe(origin_access_control_section()),
                  "Signs every request, for origins that are not public.")
                  .source("OriginAccessControlId"),
              key("static_site", &TargetGroup::static_site, maybe(static_site_section()),
                  "A folder whose files are served, in place of endpoints."),
              key("endpoints", &TargetGroup::endpoints, many(endpoint_section()), "Its addresses.").source("Targets"),
          },
      .identity = [](const TargetGroup& group) { return group.name; }};
  return section;
}

}  // namespace gatehouse::config
