#include "gatehouse/config/managed_policies.hpp"

#include "managed.hpp"

namespace gatehouse::config {
namespace {

CachePolicy cloudfront(std::string_view name) {
  CachePolicy policy;
  policy.name = name;
  policy.profile = CacheProfile::cloudfront;
  return policy;
}

CachePolicy with_ttl(CachePolicy policy, std::chrono::seconds min, std::chrono::seconds standard, std::chrono::seconds max) {
  policy.min_ttl = min;
  policy.default_ttl = standard;
  policy.max_ttl = max;
  return policy;
}

CachePolicy with_encodings(CachePolicy policy, bool brotli = true) {
  policy.enable_accept_encoding_gzip = true;
  policy.enable_accept_encoding_brotli = brotli;
  return policy;
}

CachePolicy amplify() {
  CachePolicy policy = with_encodings(with_ttl(cloudfront("Amplify"), 2s, 2s, 600s));
  policy.headers_config = {HeaderBehavior::whitelist, {"Authorization", "CloudFront-Viewer-Country", "Host"}};
  policy.cookies_config.cookie_behavior = ListBehavior::all;
  policy.query_strings_config.query_string_behavior = ListBehavior::all;
  return policy;
}

CachePolicy media_package() {
  CachePolicy policy = with_encodings(with_ttl(cloudfront("Elemental-MediaPackage"), 0s, 86400s, 31536000s), false);
  policy.headers_config = {HeaderBehavior::whitelist, {"Origin"}};
  policy.query_strings_config = {ListBehavior::whitelist, {"aws.manifestfilter", "start", "end", "m"}};
  return policy;
}

CachePolicy origin_decides(std::string_view name, ListBehavior query_strings) {
  CachePolicy policy = with_encodings(with_ttl(cloudfront(name), 0s, 0s, 31536000s));
  policy.headers_config = {HeaderBehavior::whitelist, {"Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}};
  policy.cookies_config.cookie_behavior = ListBehavior::all;
  policy.query_strings_config.query_string_behavior = query_strings;
  return policy;
}

const std::vector<Managed<CachePolicy>>& cache_policies() {
  static const std::vector<Managed<CachePolicy>> all{
      {"658327ea-f89d-4fab-a63d-7e88639e58f6", with_encodings(with_ttl(cloudfront("CachingOptimized"), 1s, 86400s, 31536000s))},
      {"b2884449-e4de-46a7-ac36-70bc7f1ddd6d", with_ttl(cloudfront("CachingOptimizedForUncompressedObjects"), 1s, 86400s, 31536000s)},
      {"4135ea2d-6df8-44a3-9df3-4b5a84be39ad", with_ttl(cloudfront("CachingDisabled"), 0s, 0s, 0s)},
      {"2e54312d-136d-493c-8eb9-b001f22f67d2", amplify()},
      {"08627262-05a9-4f76-9ded-b50ca2e3a84f", media_package()},
      {"83da9c7e-98b4-4e11-a168-04f0df8e2c65", origin_decides("UseOriginCacheControlHeaders", ListBehavior::none)},
      {"", origin_decides("UseOriginCacheControlHeaders-QueryStrings", ListBehavior::all)},
  };
  return all;
}

OriginRequestPolicy everything(std::string_view name, HeadersConfig headers) {
  return {std::string(name), std::move(headers), {ListBehavior::all, {}}, {ListBehavior::all, {}}, {}};
}

OriginRequestPolicy some_headers(std::string_view name, std::vector<std::string> headers) {
  return {std::string(name), {HeaderBehavior::whitelist, std::move(headers)}, {}, {}, {}};
}

const std::vector<Managed<OriginRequestPolicy>>& origin_request_policies() {
  static const std::vector<Managed<OriginRequestPolicy>> all{
      {"216adef6-5c7f-47e4-b989-5492eafa07d3", everything("AllViewer", {HeaderBehavior::all_viewer, {}})},
      {"b689b0a8-53d0-40ab-baf2-68738e2966ac", everything("AllViewerExceptHostHeader", {HeaderBehavior::all_except, {"Host"}})},
      {"33f36d7e-f396-46d9-90e0-52428a34d9dc",
       everything("AllViewerAndCloudFrontHeaders-2022-06",
                  {HeaderBehavior::all_viewer_and_whitelist_cloudfront,
                   {"CloudFront-Forwarded-Proto", "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer",
                    "CloudFront-Is-IOS-Viewer", "CloudFront-Is-Mobile-Viewer", "CloudFront-Is-SmartTV-Viewer",
                    "CloudFront-Is-Tablet-Viewer", "CloudFront-Viewer-Address", "CloudFront-Viewer-ASN", "CloudFront-Viewer-City",
                    "CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Name", "CloudFront-Viewer-Country-Region",
                    "CloudFront-Viewer-Country-Region-Name", "CloudFront-Viewer-Http-Version", "CloudFront-Viewer-Latitude",
                    "CloudFront-Viewer-Longitude", "CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code",
                    "CloudFront-Viewer-Time-Zone", "CloudFront-Viewer-TLS"}})},
      {"", some_headers("CORS-CustomOrigin", {"Origin"})},
      {"88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
       some_headers("CORS-S3Origin", {"Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"})},
      {"", some_headers("UserAgentRefererHeaders", {"User-Agent", "Referer"})},
  };
  return all;
}

}  // namespace

const CachePolicy* managed_cache_policy(std::string_view name_or_id) { return find_managed(cache_policies(), name_or_id); }
const OriginRequestPolicy* managed_origin_request_policy(std::string_view name_or_id) {
  return find_managed(origin_request_policies(), name_or_id);
}
std::vector<std::string_view> managed_cache_policy_names() { return names_of(cache_policies()); }
std::vector<std::string_view> managed_origin_request_policy_names() { return names_of(origin_request_policies()); }

}  // namespace gatehouse::config
