#include "gatehouse/config/managed_response_headers.hpp"

#include "managed.hpp"

namespace gatehouse::config {
namespace {

SecurityHeadersConfig security() {
  SecurityHeadersConfig out;
  out.referrer_policy = {"strict-origin-when-cross-origin", false};
  out.strict_transport_security = StrictTransportSecurity{31536000, false, false, false};
  out.content_type_options = ContentTypeOptions{true};
  out.frame_options = {FrameOption::sameorigin, false};
  out.xss_protection = XssProtection{true, true, "", false};
  return out;
}

CorsConfig any_origin() {
  CorsConfig out;
  out.access_control_allow_origins = {"*"};
  return out;
}

CorsConfig any_origin_and_method() {
  using enum CorsMethod;
  CorsConfig out = any_origin();
  out.access_control_allow_methods = {delete_, get, head, options, patch, post, put};
  out.access_control_expose_headers = {"*"};
  return out;
}

ResponseHeadersPolicy policy(std::string_view name, std::optional<CorsConfig> cors, SecurityHeadersConfig secure = {}) {
  ResponseHeadersPolicy out;
  out.name = name;
  out.cors_config = std::move(cors);
  out.security_headers_config = std::move(secure);
  return out;
}

const std::vector<Managed<ResponseHeadersPolicy>>& response_headers_policies() {
  static const std::vector<Managed<ResponseHeadersPolicy>> policies{
      {"67f7725c-6f97-4210-82d7-5512b31e9d03", policy("SecurityHeadersPolicy", std::nullopt, security())},
      {"60669652-455b-4ae9-85a4-c4c02393f86c", policy("SimpleCORS", any_origin())},
      {"5cc3b908-e619-4b99-88e5-2cf7f45965bd", policy("CORS-With-Preflight", any_origin_and_method())},
      {"e61eb60c-9c35-4d20-a928-2b84e02af89c", policy("CORS-and-SecurityHeadersPolicy", any_origin(), security())},
      {"eaab4381-ed33-4a86-88ca-d9558dc6cd63", policy("CORS-with-preflight-and-SecurityHeadersPolicy", any_origin_and_method(), security())},
  };
  return policies;
}

}  // namespace

const ResponseHeadersPolicy* managed_response_headers_policy(std::string_view name_or_id) {
  return find_managed(response_headers_policies(), name_or_id);
}

std::vector<std::string_view> managed_response_headers_policy_names() { return names_of(response_headers_policies()); }

}  // namespace gatehouse::config
