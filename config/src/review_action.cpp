// Actions: target groups that have to exist, redirects that would loop or leave TLS, fixed replies that make no sense.
#include <fmt/format.h>

#include <algorithm>

#include "formats.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "review.hpp"

namespace gatehouse::config {
namespace {

void review_forward(const Config& config, const Forward& forward, const std::string& field, Findings& findings) {
  constexpr std::size_t groups_max = 5;
  // The ALB quota "target groups per action".
  const std::string list = field + ".target_groups";
  if (forward.target_groups.size() > groups_max) {
    findings.error(item(list, groups_max), fmt::format("a forward action has at most {} target groups", groups_max));
  }
  std::vector<std::string_view> known;
  for (const TargetGroup& group : config.target_groups) known.push_back(group.name);
  std::vector<Unique> names;
  bool any_weight = forward.target_groups.empty();
  for (std::size_t i = 0; i < forward.target_groups.size(); ++i) {
    const ForwardTarget& target = forward.target_groups[i];
    any_weight = any_weight || target.weight > 0;
    names.push_back({target.name, item(list, i) + ".name"});
    if (target.name.empty() || std::find(known.begin(), known.end(), target.name) != known.end()) continue;
    findings.error(item(list, i) + ".name", fmt::format("there is no target group {}", quote(target.name)),
                   known.empty() ? "add it to 'target_groups'" : suggestion(target.name, known, "target groups"));
  }
  refuse_duplicates(names, "target group", findings);
  if (!any_weight) {
    findings.warning(field, "all weights are zero: every request is answered with 503", "give one of them a weight");
  }
}

/// What #{protocol} would stand for.
std::string_view protocol_of(const Listener& listener) {
  return listener.protocol == ListenerProtocol::https ? "HTTPS" : "HTTP";
}

/// Whether the new URL differs from the one that came in: the same protocol or port, written out, is no change.
bool changes_something(const Listener& listener, const Redirect& redirect) {
  const Redirect unchanged;
  const auto own = split_address(listener.address);
  const std::string own_port = own ? std::to_string(own->port) : std::string();
  const bool protocol = redirect.protocol != unchanged.protocol && redirect.protocol != protocol_of(listener);
  const bool port = redirect.port != unchanged.port && redirect.port != own_port;
  return protocol || port || redirect.host != unchanged.host || redirect.path != unchanged.path;
}

/// As with an ALB: a redirect must not leave TLS and must lead somewhere else.
void review_redirect(const Listener& listener, const Redirect& redirect, const std::string& field, Findings& findings) {
  if (listener.protocol == ListenerProtocol::https && redirect.protocol == "HTTP") {
    findings.error(field + ".protocol", "a redirect from HTTPS to HTTP is not allowed", "use HTTPS or #{protocol}");
    return;
  }
  if (findings.refused(field) || changes_something(listener, redirect)) return;
  findings.error(field, "the redirect leads to where the request came from: the client would come back for ever",
                 "change protocol, host, port or path");
}

/// The range of the key is 200 to 599; the hole in it is here.
void review_fixed_response(const FixedResponse& response, const std::string& field, Findings& findings) {
  if (response.status_code / 100 == 3) {
    findings.error(field + ".status_code", fmt::format("{} is not possible: 2xx, 4xx or 5xx", response.status_code),
                   "for a redirect there is the action 'redirect'");
  }
  // RFC 9110 15.3.5 and 15.3.6: neither has content.
  const bool no_content = response.status_code == 204 || response.status_code == 205;
  if (no_content && !response.message_body.empty()) {
    findings.warning(field + ".message_body",
                     fmt::format("a {} has no content: the body is not sent", response.status_code));
  }
}

}  // namespace

void review_action(const Config& config, const Listener& listener, const Action& action, const std::string& field,
                   Findings& findings) {
  if (action.forward) review_forward(config, *action.forward, field + ".forward", findings);
  if (action.redirect) review_redirect(listener, *action.redirect, field + ".redirect", findings);
  if (action.fixed_response) review_fixed_response(*action.fixed_response, field + ".fixed_response", findings);
}

}  // namespace gatehouse::config
