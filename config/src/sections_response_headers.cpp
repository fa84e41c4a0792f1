// Keys of response headers policies: what responses get, keep or lose on their way to the client.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

constexpr std::uint32_t age_max = 0x7fffffff;  // seconds; more means nothing to a browser

constexpr const char* override_meaning = "Whether this takes the place of what the origin sends; else it is added where the origin sends none.";

const Section<CorsConfig>& cors_section() {
  static const Section<CorsConfig> section{
      .meaning = "Cross-origin requests: which sites' scripts may read responses. Requests without `Origin` get none of this.",
      .keys = {
          key("access_control_allow_credentials", &CorsConfig::access_control_allow_credentials, flag(),
              "Whether requests with cookies or credentials may be read.")
              .source("AccessControlAllowCredentials"),
          key("access_control_allow_headers", &CorsConfig::access_control_allow_headers, list(text(cors_field)),
              "Fields that requests may carry, or `*`; told to preflights.")
              .source("AccessControlAllowHeaders"),
          key("access_control_allow_methods", &CorsConfig::access_control_allow_methods,
              list(choice<CorsMethod>({{"GET", CorsMethod::get},
                                       {"DELETE", CorsMethod::delete_},
                                       {"HEAD", CorsMethod::head},
                                       {"OPTIONS", CorsMethod::options},
                                       {"PATCH", CorsMethod::patch},
                                       {"POST", CorsMethod::post},
                                       {"PUT", CorsMethod::put},
                                       {"ALL", CorsMethod::all}})),
              "Methods that requests may have; told to preflights.")
              .source("AccessControlAllowMethods"),
          key("access_control_allow_origins", &CorsConfig::access_control_allow_origins, list(text(cors_origin), 1),
              "Whose scripts: `*`, `https://shop.example`, `*.shop.example`.")
              .required()
              .source("AccessControlAllowOrigins"),
          key("access_control_expose_headers", &CorsConfig::access_control_expose_headers, list(text(cors_field)),
              "Fields of responses that scripts may read, or `*`.")
              .source("AccessControlExposeHeaders"),
          key("access_control_max_age_sec", &CorsConfig::access_control_max_age_sec, whole(0, age_max),
              "For how many seconds a browser may remember what a preflight was told; 0 does not say.")
              .source("AccessControlMaxAgeSec"),
          key("origin_override", &CorsConfig::origin_override, flag(),
              "Whether this takes the place of what the origin says of cross-origin requests; else an origin that says anything "
              "speaks for itself.")
              .required()
              .source("OriginOverride"),
      }};
  return section;
}

const Section<CustomHeader>& custom_header_section() {
  static const Section<CustomHeader> section{
      .meaning = "A field and its text.",
      .keys = {
          key("header", &CustomHeader::header, text(field_name), "Its name.").required().source("Header"),
          key("value", &CustomHeader::value, text(field_value), "Its text; may be empty.").source("Value"),
          key("override", &CustomHeader::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<CustomHeadersConfig>& custom_headers_section() {
  static const Section<CustomHeadersConfig> section{
      .meaning = "Fields of your own.",
      .keys = {key("items", &CustomHeadersConfig::items, many(custom_header_section()), "At most 10.").source("Items")}};
  return section;
}

const Section<RemoveHeader>& remove_header_section() {
  static const Section<RemoveHeader> section{
      .meaning = "A field that clients do not get.",
      .keys = {key("header", &RemoveHeader::header, text(field_name), "Its name.").required().source("Header")}};
  return section;
}

const Section<RemoveHeadersConfig>& remove_headers_section() {
  static const Section<RemoveHeadersConfig> section{
      .meaning = "Fields that clients do not get. `Server` and `Date` are the gateway's own then.",
      .keys = {key("items", &RemoveHeadersConfig::items, many(remove_header_section()), "At most 10.").source("Items")}};
  return section;
}

const Section<ContentSecurityPolicy>& content_security_section() {
  static const Section<ContentSecurityPolicy> section{
      .meaning = "What a page may load.",
      .keys = {
          key("content_security_policy", &ContentSecurityPolicy::content_security_policy, text(field_value), "Its text.")
              .required()
              .source("ContentSecurityPolicy"),
          key("override", &ContentSecurityPolicy::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<ContentTypeOptions>& content_type_section() {
  static const Section<ContentTypeOptions> section{
      .meaning = "`nosniff`: a browser believes `Content-Type`.",
      .keys = {key("override", &ContentTypeOptions::override, flag(), override_meaning).required().source("Override")}};
  return section;
}

const Section<FrameOptions>& frame_section() {
  static const Section<FrameOptions> section{
      .meaning = "Who may show a page in a frame.",
      .keys = {
          key("frame_option", &FrameOptions::frame_option,
              choice<FrameOption>({{"DENY", FrameOption::deny}, {"SAMEORIGIN", FrameOption::sameorigin}}), "Nobody, or pages of the same origin.")
              .required()
              .source("FrameOption"),
          key("override", &FrameOptions::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<ReferrerPolicy>& referrer_section() {
  static const Section<ReferrerPolicy> section{
      .meaning = "What a browser tells others of the page a request comes from.",
      .keys = {
          key("referrer_policy", &ReferrerPolicy::referrer_policy, text(referrer_policy_word), "One of the standard's words.")
              .required()
              .source("ReferrerPolicy"),
          key("override", &ReferrerPolicy::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<StrictTransportSecurity>& transport_section() {
  static const Section<StrictTransportSecurity> section{
      .meaning = "A browser asks this host with TLS only.",
      .keys = {
          key("access_control_max_age_sec", &StrictTransportSecurity::access_control_max_age_sec, whole(0, age_max), "For how many seconds.")
              .required()
              .source("AccessControlMaxAgeSec"),
          key("include_subdomains", &StrictTransportSecurity::include_subdomains, flag(), "And the hosts below it.")
              .source("IncludeSubdomains"),
          key("preload", &StrictTransportSecurity::preload, flag(), "Browsers may have it built in.").source("Preload"),
          key("override", &StrictTransportSecurity::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<XssProtection>& xss_section() {
  static const Section<XssProtection> section{
      .meaning = "What old browsers do about script in a request that comes back in the page.",
      .keys = {
          key("protection", &XssProtection::protection, flag(), "Whether they do anything.").required().source("Protection"),
          key("mode_block", &XssProtection::mode_block, flag(), "Whether the page is not shown at all.").source("ModeBlock"),
          key("report_uri", &XssProtection::report_uri, text(field_value), "Where they tell of it.").source("ReportUri"),
          key("override", &XssProtection::override, flag(), override_meaning).required().source("Override"),
      }};
  return section;
}

const Section<SecurityHeadersConfig>& security_section() {
  static const Section<SecurityHeadersConfig> section{
      .meaning = "What browsers are to be careful about.",
      .keys = {
          key("content_security_policy", &SecurityHeadersConfig::content_security_policy, maybe(content_security_section()),
              "`Content-Security-Policy`.")
              .source("ContentSecurityPolicy"),
          key("content_type_options", &SecurityHeadersConfig::content_type_options, maybe(content_type_section()),
              "`X-Content-Type-Options`.")
              .source("ContentTypeOptions"),
          key("frame_options", &SecurityHeadersConfig::frame_options, maybe(frame_section()), "`X-Frame-Options`.").source("FrameOptions"),
          key("referrer_policy", &SecurityHeadersConfig::referrer_policy, maybe(referrer_section()), "`Referrer-Policy`.")
              .source("ReferrerPolicy"),
          key("strict_transport_security", &SecurityHeadersConfig::strict_transport_security, maybe(transport_section()),
              "`Strict-Transport-Security`.")
              .source("StrictTransportSecurity"),
          key("xss_protection", &SecurityHeadersConfig::xss_protection, maybe(xss_section()), "`X-XSS-Protection`.").source("XSSProtection"),
      }};
  return section;
}

const Section<ServerTimingHeadersConfig>& server_timing_section() {
  static const Section<ServerTimingHeadersConfig> section{
      .meaning = "A `Server-Timing` that says what the cache did and how long it took.",
      .keys = {
          key("enabled", &ServerTimingHeadersConfig::enabled, flag(), "Whether any response gets it.").required().source("Enabled"),
          key("sampling_rate", &ServerTimingHeadersConfig::sampling_rate, number(0, 100),
              "For which share of the responses, in percent. A request with `Pragma: server-timing` gets it in any case.")
              .source("SamplingRate"),
      }};
  return section;
}

}  // namespace

const Section<ResponseHeadersPolicy>& response_headers_policy_section() {
  static const Section<ResponseHeadersPolicy> section{
      .meaning = "Fields that responses get, keep or lose on their way to the client. What is removed goes first.",
      .keys =
          {
              key("name", &ResponseHeadersPolicy::name, text(name), "What behaviors call it.").required().source("ResponseHeadersPolicy"),
              key("cors_config", &ResponseHeadersPolicy::cors_config, maybe(cors_section()), "Cross-origin requests.").source("CorsConfig"),
              key("custom_headers_config", &ResponseHeadersPolicy::custom_headers_config, one(custom_headers_section()),
                  "Fields of your own.")
                  .source("CustomHeadersConfig"),
              key("remove_headers_config", &ResponseHeadersPolicy::remove_headers_config, one(remove_headers_section()),
                  "Fields that clients do not get.")
                  .source("RemoveHeadersConfig"),
              key("security_headers_config", &ResponseHeadersPolicy::security_headers_config, one(security_section()),
                  "What browsers are to be careful about.")
                  .source("SecurityHeadersConfig"),
              key("server_timing_headers_config", &ResponseHeadersPolicy::server_timing_headers_config, one(server_timing_section()),
                  "What the cache did and how long it took.")
                  .source("ServerTimingHeadersConfig"),
          },
      .identity = [](const ResponseHeadersPolicy& policy) { return policy.name; }};
  return section;
}

}  // namespace gatehouse::config
