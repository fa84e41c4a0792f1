// Signatures: keys and key groups that have to exist or be unique, how many there may be; and what requests to origins are
// sent with.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "gatehouse/filters/letters.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

// aws-cloudfront 17.
constexpr std::size_t keys_a_group_max = 5;
constexpr std::size_t groups_a_behavior_max = 4;
// aws-cloudfront 29.
constexpr std::size_t custom_headers_max = 10;
constexpr std::size_t custom_header_characters_max = 10'240;

/// A list of names, each of something that exists, and each once.
void review_names(const std::vector<std::string>& names, const std::vector<std::string_view>& known, std::string_view what,
                  const std::string& field, Findings& findings) {
  std::vector<Unique> once;
  const std::string_view list = what == "key group" ? "key_groups" : "public_keys";
  for (std::size_t i = 0; i < names.size(); ++i) {
    once.push_back({names[i], item(field, i)});
    if (names[i].empty() || std::ranges::find(known, names[i]) != known.end()) continue;
    findings.error(item(field, i), fmt::format("there is no {} {}", what, quote(names[i])), suggestion(names[i], known, list));
  }
  refuse_duplicates(once, what, findings);
}

void review_public_keys(const Config& config, Findings& findings) {
  std::vector<Unique> ids;
  for (std::size_t i = 0; i < config.public_keys.size(); ++i) {
    const std::string& id = config.public_keys[i].id;
    ids.push_back({id, item("public_keys", i) + ".id"});
    const bool used = std::ranges::any_of(config.key_groups, [&](const KeyGroup& group) {
      return std::ranges::find(group.public_keys, id) != group.public_keys.end();
    });
    if (used || id.empty()) continue;
    findings.warning(item("public_keys", i), fmt::format("public key {} is not used", quote(id)), "name it in a key group, or remove it");
  }
  refuse_duplicates(ids, "public key", findings);
}

void review_key_groups(const Config& config, Findings& findings) {
  std::vector<std::string_view> keys;
  for (const PublicKey& key : config.public_keys) keys.push_back(key.id);
  std::set<std::string_view> used;
  for (const Listener& listener : config.listeners) {
    for (const Behavior& behavior : listener.behaviors) used.insert(behavior.trusted_key_groups.begin(), behavior.trusted_key_groups.end());
  }
  std::vector<Unique> names;
  for (std::size_t i = 0; i < config.key_groups.size(); ++i) {
    const KeyGroup& group = config.key_groups[i];
    const std::string field = item("key_groups", i);
    names.push_back({group.name, field + ".name"});
    review_names(group.public_keys, keys, "public key", field + ".public_keys", findings);
    if (group.public_keys.size() > keys_a_group_max) {
      findings.error(field + ".public_keys", fmt::format("{} keys; {} are the most", group.public_keys.size(), keys_a_group_max),
                     "a behavior may trust several groups");
    }
    if (group.name.empty() || used.contains(group.name)) continue;
    findings.warning(field, fmt::format("key group {} is not used", quote(group.name)),
                     "name it in a behavior's trusted_key_groups, or remove it");
  }
  refuse_duplicates(names, "key group", findings);
}

void review_trust(const Config& config, Findings& findings) {
  std::vector<std::string_view> groups;
  for (const KeyGroup& group : config.key_groups) groups.push_back(group.name);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const std::vector<Behavior>& behaviors = config.listeners[i].behaviors;
    for (std::size_t j = 0; j < behaviors.size(); ++j) {
      const std::vector<std::string>& trusted = behaviors[j].trusted_key_groups;
      const std::string field = item(item("listeners", i) + ".behaviors", j) + ".trusted_key_groups";
      review_names(trusted, groups, "key group", field, findings);
      if (trusted.size() <= groups_a_behavior_max) continue;
      findings.error(field, fmt::format("{} key groups; {} are the most", trusted.size(), groups_a_behavior_max), "a group may have five keys");
    }
  }
}

/// aws-cloudfront 11: fields that are the gateway's business, or the client's alone.
bool cannot_be_set(const std::string& name) {
  constexpr std::array<std::string_view, 28> names{
      "cache-control", "connection", "content-length", "cookie", "expect", "host", "if-match", "if-modified-since", "if-none-match",
      "if-range", "if-unmodified-since", "keep-alive", "max-forwards", "pragma", "proxy-authorization", "proxy-connection", "range",
      "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via",
      // The gateway makes these itself.
      "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-request-id"};
  return std::ranges::find(names, name) != names.end() || name == "x-real-ip" || name.starts_with("x-amz-") || name.starts_with("x-edge-") ||
         name.starts_with("cloudfront-");
}

void review_custom_headers(const TargetGroup& group, const std::string& field, Findings& findings) {
  const std::vector<OriginCustomHeader>& headers = group.origin_custom_headers;
  std::vector<Unique> names;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const std::string name = filters::lowered(headers[i].header_name);
    const std::string place = item(field, i) + ".header_name";
    names.push_back({name, place});
    characters += name.size() + headers[i].header_value.size();
    if (cannot_be_set(name)) findings.error(place, fmt::format("{} cannot be set", quote(headers[i].header_name)), "choose a name of your own, such as 'X-Origin-Key'");
    if (name == "authorization" && group.origin_access_control) {
      findings.error(place, "origin_access_control sets 'Authorization' as well", "use one of the two");
    }
  }
  refuse_duplicates(names, "header field", findings);
  if (headers.size() > custom_headers_max) {
    findings.error(field, fmt::format("{} fields; {} are the most", headers.size(), custom_headers_max));
  }
  if (characters > custom_header_characters_max) {
    findings.error(field, fmt::format("{} characters of names and values; {} are the most", characters, custom_header_characters_max));
  }
}

void review_access_control(const TargetGroup& group, const std::string& field, Findings& findings) {
  const OriginAccessControl& control = *group.origin_access_control;
  // The fields rather than the values: one that was refused has been reported already.
  const bool file = findings.given(field + ".secret_access_key_file") || !control.secret_access_key_file.empty();
  const bool command = findings.given(field + ".secret_access_key_command") || !control.secret_access_key_command.empty();
  if (file == command) {
    findings.error(field, file ? "the secret access key is given twice" : "the secret access key is missing",
                   "give exactly one of secret_access_key_file and secret_access_key_command");
  }
  const HealthCheck& check = group.health_check;
  if (control.signing_behavior != SigningBehavior::never && check.enabled && check.protocol != HealthProtocol::tcp && check.matcher == "200") {
    findings.warning(field, "probes are not signed: a private origin answers them with 403, which counts as unhealthy",
                     "use health_check.protocol: TCP, or a matcher such as \"200-403\"");
  }
}

}  // namespace

void review_signing(const Config& config, Findings& findings) {
  review_public_keys(config, findings);
  review_key_groups(config, findings);
  review_trust(config, findings);
}

void review_origin_settings(const TargetGroup& group, const std::string& field, Findings& findings) {
  review_custom_headers(group, field + ".origin_custom_headers", findings);
  if (group.origin_access_control) review_access_control(group, field + ".origin_access_control", findings);
}

}  // namespace gatehouse::config
