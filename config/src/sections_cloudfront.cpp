// Keys that CloudFront's policies have: what is in the key, what origins are sent, origin groups, errors that are replaced.
#include "sections.hpp"

namespace gatehouse::config {
namespace {


ChoiceKind<ListBehavior> list_behavior() {
  return choice<ListBehavior>({{"none", ListBehavior::none},
                               {"whitelist", ListBehavior::whitelist},
                               {"allExcept", ListBehavior::all_except},
                               {"all", ListBehavior::all}});
}

const Section<HeadersConfig>& sent_headers_section() {
  static const Section<HeadersConfig> section{
      .meaning = "The header fields that origins are sent.",
      .keys = {
          key("header_behavior", &HeadersConfig::header_behavior,
              choice<HeaderBehavior>({{"none", HeaderBehavior::none},
                                      {"whitelist", HeaderBehavior::whitelist},
                                      {"allExcept", HeaderBehavior::all_except},
                                      {"allViewer", HeaderBehavior::all_viewer},
                                      {"allViewerAndWhitelistCloudFront", HeaderBehavior::all_viewer_and_whitelist_cloudfront}}),
              "Which of the client's; the last adds those of the list, which the gateway makes.")
              .source("HeaderBehavior"),
          key("headers", &HeadersConfig::headers, list(text(field_name)), "Their names.").source("Headers"),
      }};
  return section;
}

}  // namespace

const Section<HeadersConfig>& headers_in_key_section() {
  static const Section<HeadersConfig> section{
      .meaning = "The header fields in the key.",
      .keys = {
          key("header_behavior", &HeadersConfig::header_behavior,
              choice<HeaderBehavior>({{"none", HeaderBehavior::none}, {"whitelist", HeaderBehavior::whitelist}}),
              "None, or those of the list.")
              .source("HeaderBehavior"),
          key("headers", &HeadersConfig::headers, list(text(field_name)), "Their names; those of `CloudFront-Viewer-Country` and the like too.")
              .source("Headers"),
      }};
  return section;
}

const Section<CookiesConfig>& cookies_section() {
  static const Section<CookiesConfig> section{
      .meaning = "Which cookies.",
      .keys = {
          key("cookie_behavior", &CookiesConfig::cookie_behavior, list_behavior(), "None, those of the list, all but those, or all.")
              .source("CookieBehavior"),
          key("cookies", &CookiesConfig::cookies, list(text(plain_text)), "Their names, in their letter case.").source("Cookies"),
      }};
  return section;
}

const Section<QueryStringsConfig>& query_strings_section() {
  static const Section<QueryStringsConfig> section{
      .meaning = "Which parameters of the query.",
      .keys = {
          key("query_string_behavior", &QueryStringsConfig::query_string_behavior, list_behavior(),
              "None, those of the list, all but those, or all.")
              .source("QueryStringBehavior"),
          key("query_strings", &QueryStringsConfig::query_strings, list(text(plain_text)), "Their names, as they stand in a URL.")
              .source("QueryStrings"),
      }};
  return section;
}

const Section<OriginRequestPolicy>& origin_request_policy_section() {
  static const Section<OriginRequestPolicy> section{
      .meaning = "What of a request reaches the origin beside what is in the key.",
      .keys =
          {
              key("name", &OriginRequestPolicy::name, text(name), "What behaviors call it.").required().source("OriginRequestPolicy"),
              key("headers_config", &OriginRequestPolicy::headers_config, one(sent_headers_section()), "Header fields."),
              key("cookies_config", &OriginRequestPolicy::cookies_config, one(cookies_section()), "Cookies."),
              key("query_strings_config", &OriginRequestPolicy::query_strings_config, one(query_strings_section()),
                  "Parameters of the query."),
          },
      .identity = [](const OriginRequestPolicy& policy) { return policy.name; }};
  return section;
}

const Section<OriginGroup>& origin_group_section() {
  static const Section<OriginGroup> section{
      .meaning = "Two target groups, the second for when the first fails. Each request begins with the first again.",
      .keys =
          {
              key("name", &OriginGroup::name, text(name), "What behaviors call it.").required().source("OriginGroup"),
              key("members", &OriginGroup::members, list(text(name), 1), "The two, by the names of `target_groups`.")
                  .required()
                  .source("Members"),
              key("failover_status_codes", &OriginGroup::failover_status_codes, list(whole(400, 599), 1),
                  "Answers of the first that send a GET, HEAD or OPTIONS to the second, beside no answer at all.")
                  .required()
                  .source("FailoverCriteria.StatusCodes"),
          },
      .identity = [](const OriginGroup& group) { return group.name; }};
  return section;
}

const Section<CustomErrorResponse>& custom_error_response_section() {
  static const Section<CustomErrorResponse> section{
      .meaning = "What clients get in place of an error, and how long the error is kept.",
      .keys =
          {
              key("error_code", &CustomErrorResponse::error_code, whole(400, 599), "The status that is replaced.").required().source("ErrorCode"),
              key("response_page_path", &CustomErrorResponse::response_page_path, text(request_path),
                  "The page that is sent; its path finds its own behavior. Without it the error is sent as it is.")
                  .source("ResponsePagePath"),
              key("response_code", &CustomErrorResponse::response_code, whole(0, 599), "The status of the page; 0: that of the error.")
                  .source("ResponseCode"),
              key("error_caching_min_ttl", &CustomErrorResponse::error_caching_min_ttl, duration(0ms, century),
                  "How long the error is kept at least, in profile cloudfront. Errors without an entry are kept for 10 s.")
                  .source("ErrorCachingMinTTL"),
          },
      .identity = [](const CustomErrorResponse& response) { return std::to_string(response.error_code); }};
  return section;
}

const Section<CacheTagConfig>& cache_tag_config_section() {
  static const Section<CacheTagConfig> section{
      .meaning = "Where responses have the tags that purges name, beside `Cache-Tag` and `Surrogate-Key`.",
      .keys = {key("header_name", &CacheTagConfig::header_name, text(field_name),
                   "A field with tags and commas between. It does not reach clients.")
                   .required()
                   .source("HeaderName")}};
  return section;
}

}  // namespace gatehouse::config
