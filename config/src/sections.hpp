// The tables of all keys, one function a struct of model.hpp. Built once, at first use, from any thread.
#pragma once

#include "gatehouse/config/model.hpp"
#include "section.hpp"

namespace gatehouse::config {

const Section<Config>& config_section();
const Section<Admin>& admin_section();
const Section<Logs>& logs_section();
const Section<Limits>& limits_section();
const Section<Certificate>& certificate_section();
const Section<Listener>& listener_section();
const Section<TlsSettings>& tls_section();
const Section<ForwardedHeaders>& forwarded_headers_section();
const Section<Filter>& filter_section();
const Section<Rule>& rule_section();
const Section<Condition>& condition_section();
const Section<Action>& action_section();
const Section<TargetGroup>& target_group_section();
const Section<HealthCheck>& health_check_section();
const Section<OutlierDetection>& outlier_detection_section();
const Section<OriginTls>& origin_tls_section();
const Section<Endpoint>& endpoint_section();
const Section<StaticSite>& static_site_section();
const Section<Region>& region_section();
const Section<WebAcl>& web_acl_section();
const Section<Behavior>& behavior_section();
const Section<ResponseHeadersPolicy>& response_headers_policy_section();
const Section<Geo>& geo_section();
const Section<GeoRestriction>& geo_restriction_section();
const Section<Cache>& cache_section();
const Section<HeadersConfig>& headers_in_key_section();
const Section<CookiesConfig>& cookies_section();
const Section<QueryStringsConfig>& query_strings_section();
const Section<OriginRequestPolicy>& origin_request_policy_section();
const Section<OriginGroup>& origin_group_section();
const Section<CacheTagConfig>& cache_tag_config_section();
const Section<CustomErrorResponse>& custom_error_response_section();
const Section<PublicKey>& public_key_section();
const Section<KeyGroup>& key_group_section();
const Section<OriginCustomHeader>& origin_custom_header_section();
const Section<OriginAccessControl>& origin_access_control_section();

}  // namespace gatehouse::config
