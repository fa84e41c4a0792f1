// The order of the checks does not matter: all problems are sorted by their place afterwards. A check that looks at a
// value which was refused before would report a second problem for one mistake, so each asks whether it may believe it.
#include "review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "formats.hpp"
#include "quote.hpp"

namespace gatehouse::config {
namespace {

bool is_loopback(const std::string& listen) {
  if (listen.starts_with("unix:")) return true;
  const auto parts = split_address(listen);
  return parts && (parts->host.starts_with("127.") || parts->host == "::1");
}

/// Requests from elsewhere carry another Host than a local one, and those are refused: such an address alone is
/// useless.
void review_admin(const Config& config, Findings& findings) {
  if (is_loopback(config.admin.listen) || !config.admin.allowed_hosts.empty()) return;
  findings.warning(
      "admin.listen",
      fmt::format("the admin API at {} can be reached from other machines but answers to local host names only",
                  quote(config.admin.listen)),
      "name who may ask in admin.allowed_hosts, or listen on 127.0.0.1");
}

/// Limits that make each other pointless.
void review_limits(const Config& config, Findings& findings) {
  const Limits& limits = config.limits;
  if (limits.header_field > limits.request_headers) {
    findings.error("limits.header_field", "one header field may be longer than all of them together",
                   "raise limits.request_headers, or lower limits.header_field");
  }
}

std::set<std::string> certificates_in_use(const Config& config) {
  std::set<std::string> used;
  for (const Listener& listener : config.listeners)
    used.insert(listener.tls.certificates.begin(), listener.tls.certificates.end());
  return used;
}

void review_certificates(const Config& config, Findings& findings) {
  const std::set<std::string> used = certificates_in_use(config);
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.certificates.size(); ++i) {
    const Certificate& certificate = config.certificates[i];
    const std::string field = item("certificates", i);
    names.push_back({certificate.name, field + ".name"});
    // The fields rather than the values: one that was refused has been reported already.
    const bool file = findings.given(field + ".private_key_file") || !certificate.private_key_file.empty();
    const bool command = findings.given(field + ".private_key_command") || !certificate.private_key_command.empty();
    if (file == command) {
      findings.error(field, file ? "the private key is given twice" : "the private key is missing",
                     "give exactly one of private_key_file and private_key_command");
    }
    if (!certificate.name.empty() && !used.contains(certificate.name)) {
      findings.warning(field, fmt::format("certificate {} is not used", quote(certificate.name)),
                       "name it in a listener's tls.certificates, or remove it");
    }
  }
  refuse_duplicates(names, "certificate", findings);
}

/// A region without endpoints is never chosen; more likely its name is misspelt somewhere.
void review_regions(const Config& config, Findings& findings) {
  std::set<std::string> used;
  for (const TargetGroup& group : config.target_groups) {
    for (const Endpoint& endpoint : group.endpoints) {
      // An endpoint without a region is in the first one.
      if (!config.regions.empty()) used.insert(endpoint.region.empty() ? config.regions.front().name : endpoint.region);
    }
  }
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.regions.size(); ++i) {
    const std::string& name = config.regions[i].name;
    names.push_back({name, item("regions", i) + ".name"});
    if (!name.empty() && !used.contains(name)) {
      findings.warning(item("regions", i), fmt::format("region {} has no endpoint", quote(name)),
                       "give it endpoints, or remove it");
    }
  }
  refuse_duplicates(names, "region", findings);
}

}  // namespace

bool Findings::refused(const std::string& field) const {
  return std::any_of(problems_.begin(), problems_.end(),
                     [&](const Problem& problem) { return problem.field.starts_with(field); });
}

void Findings::add(Severity severity, const std::string& field, std::string message, std::string hint) {
  const Place place = places_.find(field);
  Problem problem;
  problem.severity = severity;
  problem.file = file_;
  problem.line = place.line;
  problem.column = place.column;
  problem.field = field;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  problems_.add(std::move(problem));
}

void refuse_duplicates(const std::vector<Unique>& values, std::string_view what, Findings& findings) {
  std::unordered_map<std::string, std::string> first;
  for (const Unique& unique : values) {
    // An empty one is missing, which has been reported.
    if (unique.value.empty()) continue;
    const auto [found, is_new] = first.emplace(unique.value, unique.field);
    if (is_new) continue;
    findings.error(unique.field, fmt::format("{} {} is given twice; the first one is on line {}", what,
                                             quote(unique.value), findings.line_of(found->second)));
  }
}

std::string item(std::string_view list, std::size_t index) { return fmt::format("{}[{}]", list, index); }

void review(const Config& config, Findings& findings) {
  review_admin(config, findings);
  review_limits(config, findings);
  review_certificates(config, findings);
  review_listeners(config, findings);
  review_target_groups(config, findings);
  review_web_acls(config, findings);
  review_cache(config, findings);
  review_response_headers(config, findings);
  review_geo(config, findings);
  review_cloudfront(config, findings);
  review_regions(config, findings);
  review_signing(config, findings);
}

}  // namespace gatehouse::config
