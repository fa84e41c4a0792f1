// Static sites: names that are none, and keys of a target group that speak of endpoints it does not have.
#include <fmt/format.h>

#include <array>

#include "formats.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

/// A relative name that stays below the root whatever the file system holds.
bool stays_below(const std::string& name) {
  if (name.starts_with('/') || name.ends_with('/')) return false;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string segment = name.substr(at, end - at);
    if (segment.empty() || segment == "." || segment == "..") return false;
    at = end + 1;
  }
  return true;
}

void review_redirect(const RedirectAllRequestsTo& to, const std::string& field, Findings& findings) {
  const auto parts = split_address(to.host_name);
  std::string host = parts ? parts->host : to.host_name;
  if (!host_name.check(host)) return;
  findings.error(field + ".host_name", fmt::format("{} is no host", quote(to.host_name)), "write a name, or name:port, and nothing else");
}

}  // namespace

void review_static_site(const TargetGroup& group, const std::string& field, Findings& findings) {
  if (!group.static_site) return;
  const StaticSite& site = *group.static_site;
  const std::string at = field + ".static_site";
  if (!group.endpoints.empty()) {
    findings.error(field + ".endpoints", fmt::format("target group {} has endpoints and a static site", quote(group.name)),
                   "make two target groups of it");
  }
  if (!stays_below(site.index_document) || site.index_document.find('/') != std::string::npos) {
    findings.error(at + ".index_document", fmt::format("{} is no file's name", quote(site.index_document)), "write a name without slashes: index.html");
  }
  if (!site.error_document.empty() && !stays_below(site.error_document)) {
    findings.error(at + ".error_document", fmt::format("{} is no file below the root", quote(site.error_document)),
                   "write it relative to the root: errors/404.html");
  }
  if (site.redirect_all_requests_to) review_redirect(*site.redirect_all_requests_to, at + ".redirect_all_requests_to", findings);
  for (const char* key : {".protocol", ".algorithm", ".health_check", ".outlier_detection", ".tls", ".retries", ".idle_connections",
                          ".deregistration_delay", ".origin_path", ".origin_custom_headers", ".origin_access_control"}) {
    if (findings.given(field + key)) findings.warning(field + key, "has no effect: files are served, and no endpoint is asked", "remove it");
  }
}

}  // namespace gatehouse::config
