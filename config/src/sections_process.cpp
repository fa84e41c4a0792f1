// Keys of the process: the root, admin API, logs, certificates, regions.
#include <fmt/format.h>

#include "sections.hpp"

namespace gatehouse::config {

using std::chrono_literals::operator""h;

const Section<Admin>& admin_section() {
  static const Section<Admin> section{.meaning = "The admin API: health, metrics, status, changes at run time.",
                                      .keys = {
                                          key("listen", &Admin::listen, text(admin_address),
                                              "Where the admin API listens. Keep it on a loopback address or a unix "
                                              "socket unless a network protects it.")
                                              .restart(),
                                          key("allowed_hosts", &Admin::allowed_hosts, list(text(host_name)),
                                              "Names that the `Host` and `Origin` of an admin request may carry "
                                              "besides local ones; anything else is refused, "
                                              "which keeps web pages of strangers out."),
                                      }};
  return section;
}

static const Section<AccessLog>& access_log_section() {
  static const Section<AccessLog> section{
      .meaning = "One line for each exchange.",
      .keys = {
          key("path", &AccessLog::path, text(log_target), "Where the lines go. A file is opened again on SIGUSR1."),
          key("format", &AccessLog::format, choice<LogFormat>({{"json", LogFormat::json}}), "How a line is written."),
          key("buffer", &AccessLog::buffer, size(4096, 1u << 30),
              "What each worker may have waiting for a slow disk; a line that does not fit is dropped and counted.")
              .restart(),
      }};
  return section;
}

static const Section<WafLog>& waf_log_section() {
  static const Section<WafLog> section{
      .meaning = "One line of JSON for each request in which a web ACL's rules found something.",
      .keys = {
          key("path", &WafLog::path, text(log_target),
              "Where the lines go. While it is `off` and rules have SecAuditEngine and SecAuditLog, the file that those "
              "name."),
          key("buffer", &WafLog::buffer, size(4096, 1u << 30),
              "What each worker may have waiting for a slow disk; a line that does not fit is dropped and counted.")
              .restart(),
      }};
  return section;
}

const Section<Logs>& logs_section() {
  static const Section<Logs> section{
      .meaning = "What is written about the traffic.",
      .keys = {key("access", &Logs::access, one(access_log_section()), "The access log.").source("access_logs.s3"),
               key("waf", &Logs::waf, one(waf_log_section()), "What web ACLs found.").source("LoggingConfiguration")}};
  return section;
}

const Section<Certificate>& certificate_section() {
  static const Section<Certificate> section{
      .meaning = "A certificate with its private key, for the listeners that name it.",
      .keys =
          {
              key("name", &Certificate::name, text(name), "What listeners call it.").required(),
              key("certificate_file", &Certificate::certificate_file, text(file_name),
                  "The chain in PEM, the server's own certificate first.")
                  .required(),
              key("private_key_file", &Certificate::private_key_file, text(file_name),
                  "The private key in PEM. Give this or `private_key_command`."),
              key("private_key_command", &Certificate::private_key_command, list(text(plain_text), 1),
                  "A program and its arguments whose standard output is the private key in PEM; no shell is involved.")
                  .secret(),
          },
      .identity = [](const Certificate& certificate) { return certificate.name; }};
  return section;
}

const Section<Region>& region_section() {
  static const Section<Region> section{
      .meaning = "A region that endpoints belong to. The order of the list is the order of proximity.",
      .keys =
          {
              key("name", &Region::name, text(name), "What endpoints call it.").required(),
              key("traffic_dial", &Region::traffic_dial, number(0, 100),
                  "The share, in percent, of the connections coming to this region that stay; the rest goes to the "
                  "next one. "
                  "A region at 0 still takes over when no other is healthy.")
                  .source("TrafficDialPercentage"),
          },
      .identity = [](const Region& region) { return region.name; },
      .ordered = true};
  return section;
}

const Section<Config>& config_section() {
  static const Section<Config> section{
      .meaning = "The whole file.",
      .keys = {
          key("version", &Config::version, whole(1, 1), "The version of this format."),
          key("workers", &Config::workers, whole(0, 1024), "Threads that carry traffic; 0 is one for each core.")
              .restart(),
          key("admin", &Config::admin, one(admin_section()), "The admin API."),
          key("logs", &Config::logs, one(logs_section()), "What is written about the traffic."),
          key("limits", &Config::limits, one(limits_section()), "The limits of the data plane."),
          key("drain_timeout", &Config::drain_timeout, duration(0ms, 1h),
              "How long exchanges in flight may go on after SIGTERM or `drain`."),
          key("certificates", &Config::certificates, many(certificate_section()), "Certificates for HTTPS listeners."),
          key("listeners", &Config::listeners, many(listener_section(), 1), "Where clients connect.").required(),
          key("target_groups", &Config::target_groups, many(target_group_section()), "Origins that rules forward to."),
          key("origin_groups", &Config::origin_groups, many(origin_group_section()),
              "Pairs of target groups, for behaviors: the second stands in for the first.")
              .source("OriginGroups"),
          key("origin_request_policies", &Config::origin_request_policies, many(origin_request_policy_section()),
              "What of a request reaches an origin beside what is in the key, for behaviors."),
          key("public_keys", &Config::public_keys, many(public_key_section()), "Keys that signatures of URLs and cookies are checked with."),
          key("key_groups", &Config::key_groups, many(key_group_section()), "Groups of them, for behaviors."),
          key("regions", &Config::regions, many(region_section()),
              "Regions in the order of proximity. Leave it out to have one region and no dial."),
          key("cache", &Config::cache, one(cache_section()), "What is kept of origins' responses, and how."),
          key("response_headers_policies", &Config::response_headers_policies, many(response_headers_policy_section()),
              "Fields that responses get, keep or lose on their way to the client, for behaviors."),
          key("geo", &Config::geo, one(geo_section()), "Where clients are, by their addresses."),
          key("web_acls", &Config::web_acls, many(web_acl_section()),
              "Rule sets that listeners and rules have requests inspected by."),
          key("rule_cache", &Config::rule_cache, text(file_name),
              "The folder where compiled rules are kept, so that the next start takes milliseconds. Without it: "
              "`$CACHE_DIRECTORY`, else `gatehouse` in `$XDG_CACHE_HOME` or `~/.cache`."),
      }};
  return section;
}

}  // namespace gatehouse::config
