// Keys of the cache: which requests it answers, and how responses are stored and used again.
#include "sections.hpp"

namespace gatehouse::config {
namespace {

using std::chrono_literals::operator""h;

constexpr Milliseconds year{std::chrono::hours(24 * 365)};

ChoiceKind<AllowedMethod> method() {
  return choice<AllowedMethod>({{"GET", AllowedMethod::get},
                                {"HEAD", AllowedMethod::head},
                                {"OPTIONS", AllowedMethod::options},
                                {"PUT", AllowedMethod::put},
                                {"POST", AllowedMethod::post},
                                {"PATCH", AllowedMethod::patch},
                                {"DELETE", AllowedMethod::delete_}});
}

const Section<CachePolicy>& cache_policy_section() {
  static const Section<CachePolicy> section{
      .meaning = "How responses are stored and used again.",
      .keys =
          {
              key("name", &CachePolicy::name, text(name), "What behaviors call it.").required().source("CachePolicy"),
              key("profile", &CachePolicy::profile, choice<CacheProfile>({{"rfc9111", CacheProfile::rfc9111}, {"cloudfront", CacheProfile::cloudfront}}),
                  "Whose rules hold: those of HTTP for shared caches, or those of CloudFront.")
                  .source("RFC 9111"),
              key("targeted_fields", &CachePolicy::targeted_fields, list(text(field_name)),
                  "Fields that take the place of `Cache-Control` and `Expires` for this cache; the first that a response "
                  "has wins.").source("RFC 9213"),
              key("request_directives", &CachePolicy::request_directives,
                  choice<RequestDirectives>({{"ignore", RequestDirectives::ignore}, {"revalidate", RequestDirectives::revalidate}}),
                  "What a client's `Cache-Control: no-cache` or `max-age=0` does: nothing, or the stored response is "
                  "checked with the origin first.").source("RFC 9111 5.2.1"),
              key("set_cookie", &CachePolicy::set_cookie,
                  choice<SetCookieRule>({{"with_lifetime", SetCookieRule::with_lifetime}, {"with_shared_lifetime", SetCookieRule::with_shared_lifetime},
                                         {"strip", SetCookieRule::strip}, {"never", SetCookieRule::never}}),
                  "A response with `Set-Cookie` is stored with any lifetime of its own, only with one that is meant for shared caches "
                  "(`public`, `s-maxage`, a targeted field), without the field, or not at all.").source("RFC 9111 7.3"),
              key("heuristic_max", &CachePolicy::heuristic_max, duration(0ms, year),
                  "A response that has only a `Last-Modified` is fresh for a tenth of its age, at most for this long; 0 is "
                  "never.").source("RFC 9111 4.2.2"),
              key("stale_while_revalidate", &CachePolicy::stale_while_revalidate, duration(0ms, year),
                  "How long past its time a response is still served while a new one is fetched, where it does not say "
                  "itself.").source("RFC 5861 3"),
              key("stale_if_error", &CachePolicy::stale_if_error, duration(0ms, year),
                  "How long past its time a response is served when the origin fails, where it does not say itself.").source("RFC 5861 4"),
              key("stale_deadline", &CachePolicy::stale_deadline, duration(0ms, 1h),
                  "When the origin takes longer than this, a stale response that may be served on errors is served; the "
                  "fetch goes on. 0 is never."),
              key("cache_status", &CachePolicy::cache_status, flag(),
                  "Whether responses get a `Cache-Status` that says what the cache did and why.").source("RFC 9211"),
              key("min_ttl", &CachePolicy::min_ttl, duration(0ms, century),
                  "Profile cloudfront: how long a response is kept at least. Above 0 it overrides `no-store`, `no-cache` and "
                  "`private`.")
                  .source("MinTTL"),
              key("default_ttl", &CachePolicy::default_ttl, duration(0ms, century),
                  "Profile cloudfront: how long a response is kept that does not say.").source("DefaultTTL"),
              key("max_ttl", &CachePolicy::max_ttl, duration(0ms, century),
                  "Profile cloudfront: how long a response is kept at most, whatever it says.").source("MaxTTL"),
              key("headers_config", &CachePolicy::headers_config, one(headers_in_key_section()),
                  "Profile cloudfront: header fields in the key. They reach the origin, others do not.").source("HeadersConfig"),
              key("cookies_config", &CachePolicy::cookies_config, one(cookies_section()),
                  "Profile cloudfront: cookies in the key. They reach the origin, others do not.").source("CookiesConfig"),
              key("query_strings_config", &CachePolicy::query_strings_config, one(query_strings_section()),
                  "Profile cloudfront: parameters of the query in the key. They reach the origin, others do not.").source("QueryStringsConfig"),
              key("enable_accept_encoding_gzip", &CachePolicy::enable_accept_encoding_gzip, flag(),
                  "Profile cloudfront: whether what a client accepts is in the key as far as it is gzip.")
                  .source("EnableAcceptEncodingGzip"),
              key("enable_accept_encoding_brotli", &CachePolicy::enable_accept_encoding_brotli, flag(),
                  "Profile cloudfront: the same of br.")
                  .source("EnableAcceptEncodingBrotli"),
          },
      .identity = [](const CachePolicy& policy) { return policy.name; }};
  return section;
}

const Section<CacheDisk>& cache_disk_section() {
  static const Section<CacheDisk> section{
      .meaning = "Where stored responses outlive a restart, and those that memory has no room for are kept.",
      .keys = {
          key("path", &CacheDisk::path, text(file_name), "A folder that nobody else writes to; it is made if there is none. Without it there is no "
              "disk tier.")
              .restart(),
          key("size", &CacheDisk::size, size(std::uint64_t{64} << 20, std::uint64_t{1} << 46),
              "What it may take; the oldest segment goes when it is full.")
              .restart(),
          key("object_max", &CacheDisk::object_max, size(0, std::uint64_t{1} << 45),
              "Content of a response that may be stored there, however little memory there is; larger ones pass through. 0 is a "
              "quarter of `size`.")
              .restart(),
      }};
  return section;
}

}  // namespace

const Section<Behavior>& behavior_section() {
  static const Section<Behavior> section{
      .meaning = "Which requests may be answered from the cache, and how.",
      .keys =
          {
              key("path_pattern", &Behavior::path_pattern, text(path_pattern), "The paths, with `*` and `?`; the first `/` may be left out.")
                  .required()
                  .source("PathPattern"),
              key("cache_policy", &Behavior::cache_policy, text(name),
                  "A name of `cache.policies`, or the name or id of one of Amazon's managed policies.")
                  .required()
                  .source("CachePolicyId"),
              key("origin_request_policy", &Behavior::origin_request_policy, text(name),
                  "A name of `origin_request_policies`, or the name or id of a managed one: what else the origin is sent.")
                  .source("OriginRequestPolicyId"),
              key("response_headers_policy", &Behavior::response_headers_policy, text(name),
                  "A name of `response_headers_policies`, or the name or id of a managed one: what responses get and lose.")
                  .source("ResponseHeadersPolicyId"),
              key("target_origin", &Behavior::target_origin, text(name),
                  "A name of `target_groups` or `origin_groups` that is asked in place of the groups of the rule's forward action.")
                  .source("TargetOriginId"),
              key("viewer_protocol_policy", &Behavior::viewer_protocol_policy,
                  choice<ViewerProtocolPolicy>({{"allow-all", ViewerProtocolPolicy::allow_all},
                                                {"redirect-to-https", ViewerProtocolPolicy::redirect_to_https},
                                                {"https-only", ViewerProtocolPolicy::https_only}}),
                  "What a request without TLS gets: an answer, a redirect, or 403.")
                  .source("ViewerProtocolPolicy"),
              key("allowed_methods", &Behavior::allowed_methods, list(method()), "Others get 403; without it all are allowed.")
                  .source("AllowedMethods"),
              key("cached_methods", &Behavior::cached_methods, list(method(), 1),
                  "GET and HEAD, and in profile cloudfront OPTIONS where it stands here.")
                  .source("CachedMethods"),
              key("trusted_key_groups", &Behavior::trusted_key_groups, list(text(name)),
                  "Names of `key_groups`, at most four: a request needs a signature by one of their keys, in its URL or its cookies.")
                  .source("TrustedKeyGroups"),
              key("compress", &Behavior::compress, flag(),
                  "Whether responses are compressed that origins send as they are; once, when they are stored.")
                  .source("Compress"),
          },
      .identity = [](const Behavior& behavior) { return behavior.path_pattern; },
      .ordered = true};
  return section;
}

const Section<Cache>& cache_section() {
  static const Section<Cache> section{
      .meaning = "What all workers keep together of origins' responses.",
      .keys = {
          key("memory", &Cache::memory, size(1u << 20, std::uint64_t{1} << 44),
              "The memory for stored responses, everything that belongs to them included.")
              .restart(),
          key("object_max", &Cache::object_max, size(1024, std::uint64_t{1} << 40),
              "Content of a response that may be stored in memory; larger ones go to `disk` alone, and without one they pass through.")
              .restart(),
          key("disk", &Cache::disk, one(cache_disk_section()), "The disk tier."),
          key("purge_from", &Cache::purge_from, list(text(cidr_block)),
              "Clients whose `PURGE` requests are carried out; without it none are."),
          key("policies", &Cache::policies, many(cache_policy_section()), "How responses are stored and used again."),
      }};
  return section;
}

}  // namespace gatehouse::config
