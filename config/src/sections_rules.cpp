// Keys of rules: conditions and actions.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

const Section<ForwardTarget>& forward_target_section() {
  static const Section<ForwardTarget> section{
      .meaning = "A target group and its share.",
      .keys =
          {
              key("name", &ForwardTarget::name, text(name), "A name of `target_groups`.")
                  .required()
                  .source("TargetGroupArn"),
              key("weight", &ForwardTarget::weight, whole(0, 999), "Its share is its weight divided by the sum of all.")
                  .source("Weight"),
          },
      .identity = [](const ForwardTarget& target) { return target.name; }};
  return section;
}

const Section<Forward>& forward_section() {
  static const Section<Forward> section{
      .meaning = "Sends the request to an origin.",
      .keys = {key("target_groups", &Forward::target_groups, many(forward_target_section(), 1),
                   "One to five groups. A group without healthy endpoints keeps its share; there is no failover "
                   "between groups.")
                   .required()
                   .source("TargetGroups")}};
  return section;
}

const Section<Redirect>& redirect_section() {
  static const Section<Redirect> section{
      .meaning =
          "Answers with a redirect. `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` stand for the "
          "request's own; "
          "protocol, host, port or path has to change, or the client would come back for ever.",
      .keys = {
          key("protocol", &Redirect::protocol, text(redirect_protocol),
              "Scheme of the new URL. Never from HTTPS to HTTP.")
              .source("Protocol"),
          key("host", &Redirect::host, text(redirect_host), "Host of the new URL.").source("Host"),
          key("port", &Redirect::port, text(redirect_port), "Port of the new URL.").source("Port"),
          key("path", &Redirect::path, text(redirect_path),
              "Path of the new URL. `#{path}` is without its leading slash.")
              .source("Path"),
          key("query", &Redirect::query, text(redirect_query), "Query of the new URL.").source("Query"),
          key("status_code", &Redirect::status_code,
              choice<RedirectStatus>({{"301", RedirectStatus::moved_permanently}, {"302", RedirectStatus::found}}),
              "301 moved permanently, or 302 found.")
              .source("StatusCode"),
      }};
  return section;
}

const Section<FixedResponse>& fixed_response_section() {
  static const Section<FixedResponse> section{
      .meaning = "Answers by itself.",
      .keys = {
          key("status_code", &FixedResponse::status_code, whole(200, 599), "2xx, 4xx or 5xx.").source("StatusCode"),
          key("content_type", &FixedResponse::content_type, text(content_type), "Media type of the body.")
              .source("ContentType"),
          key("message_body", &FixedResponse::message_body, text(message_body), "The body.").source("MessageBody"),
      }};
  return section;
}

std::string priority_of(const Rule& rule) { return std::to_string(rule.priority); }

}  // namespace

const Section<Action>& action_section() {
  static const Section<Action> section{
      .meaning = "What happens to a request.",
      .keys =
          {
              key("forward", &Action::forward, maybe(forward_section()), "Sends it to an origin.").source("forward"),
              key("redirect", &Action::redirect, maybe(redirect_section()), "Sends the client elsewhere.")
                  .source("redirect"),
              key("fixed_response", &Action::fixed_response, maybe(fixed_response_section()), "Answers by itself.")
                  .source("fixed-response"),
          },
      .exactly_one = true};
  return section;
}

const Section<Condition>& condition_section() {
  static const Section<Condition> section{
      .meaning = "One property of the request; any of its values may match.",
      .keys =
          {
              key("host_header", &Condition::host_header, list(text(host_pattern), 1),
                  "The host, in any case of letters.")
                  .source("host-header"),
              key("path_pattern", &Condition::path_pattern, list(text(path_pattern), 1),
                  "The path without its query, in exactly this case of letters.")
                  .source("path-pattern"),
          },
      .exactly_one = true};
  return section;
}

const Section<Rule>& rule_section() {
  static const Section<Rule> section{
      .meaning = "When all conditions match, the action is taken.",
      .keys =
          {
              key("priority", &Rule::priority, whole(1, 50000),
                  "Lowest first; no two rules of a listener may share one.")
                  .required()
                  .source("Priority"),
              key("conditions", &Rule::conditions, many(condition_section(), 1),
                  "All of them have to match; each property at most once.")
                  .required()
                  .source("Conditions"),
              key("actions", &Rule::actions, many(action_section(), 1), "Exactly one.").required().source("Actions"),
              key("web_acl", &Rule::web_acl, text(name),
                  "A name of `web_acls` that inspects the requests of this rule in place of the listener's."),
          },
      .identity = priority_of};
  return section;
}

}  // namespace gatehouse::config
