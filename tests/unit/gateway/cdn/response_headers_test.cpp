#include "gateway/cdn/response_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/managed_response_headers.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cdn {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using ::testing::Contains;
using gatehouse::testing::Lines;
using gatehouse::testing::kept;
using gatehouse::testing::request;
using gatehouse::testing::response;

/// A response to a client, as the protocol would write its fields.
class ResponseHeaders : public ::testing::Test {
 protected:
  std::vector<std::string> applied(const Lines& theirs, const Lines& asked = {}, http::Method method = http::Method::get) {
    const ResponseHeadersPolicy policy(config_);
    const auto question = request(method, "", asked);
    auto answer = response(theirs);
    policy.apply(*question, *answer, delivery_, scratch_);
    std::vector<std::string> out = kept(answer->fields);
    for (const http::Field& field : answer->fields.all()) {
      if (field.canonical) EXPECT_EQ(field.text(), std::string(field.name()) + ": " + std::string(field.value()) + "\r\n");
    }
    for (const http::AddedField& field : answer->fields.added()) out.push_back(std::string(field.name) + ": " + std::string(field.value));
    return out;
  }
  config::CorsConfig& cors(std::vector<std::string> origins, bool override) {
    config_.cors_config.emplace();
    config_.cors_config->access_control_allow_origins = std::move(origins);
    config_.cors_config->origin_override = override;
    return *config_.cors_config;
  }

  config::ResponseHeadersPolicy config_;
  Delivery delivery_;
  runtime::BufferPool buffers_;
  exchange::Scratch scratch_{buffers_};
};

TEST_F(ResponseHeaders, an_empty_policy_changes_nothing) { EXPECT_THAT(applied({"A: 1", "Server: x"}), ElementsAre("A: 1", "Server: x")); }

TEST_F(ResponseHeaders, what_is_removed_is_gone_in_any_letter_case_and_number) {
  config_.remove_headers_config.items = {{"X-Powered-By"}, {"vary"}};
  EXPECT_THAT(applied({"x-powered-by: a", "X-POWERED-BY: b", "Vary: A", "X-Powered: c"}), ElementsAre("X-Powered: c"));
}

TEST_F(ResponseHeaders, what_the_gateway_added_is_removed_too) {
  config_.remove_headers_config.items = {{"Age"}};
  const ResponseHeadersPolicy policy(config_);
  auto answer = response({"A: 1"});
  answer->fields.add("age", "5");
  answer->fields.add("cache-status", "x");
  policy.apply(*request(), *answer, delivery_, scratch_);
  ASSERT_EQ(answer->fields.added().size(), 1u);
  EXPECT_EQ(answer->fields.added()[0].name, "cache-status");
}

TEST_F(ResponseHeaders, server_and_date_are_the_gateways_own_once_removed) {
  config_.remove_headers_config.items = {{"server"}, {"Date"}};
  delivery_.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_THAT(applied({"Server: x", "Date: Mon, 07 Nov 1994 08:49:37 GMT"}),
              ElementsAre("Server: gatehouse", "Date: Sun, 06 Nov 1994 08:49:37 GMT"));
}

TEST_F(ResponseHeaders, override_decides_who_wins_and_absent_ones_are_added) {
  config_.custom_headers_config.items = {{"X-Kept", "ours", false}, {"X-Replaced", "ours", true}, {"X-New", "ours", false}, {"X-Empty", "", true}};
  EXPECT_THAT(applied({"x-kept: theirs", "x-replaced: theirs", "x-replaced: theirs too"}),
              UnorderedElementsAre("x-kept: theirs", "X-Replaced: ours", "X-New: ours", "X-Empty: "));
}

TEST_F(ResponseHeaders, removal_comes_before_addition) {
  config_.remove_headers_config.items = {{"X-A"}};
  config_.custom_headers_config.items = {{"X-A", "ours", false}};
  EXPECT_THAT(applied({"X-A: theirs"}), ElementsAre("X-A: ours"));
}

TEST_F(ResponseHeaders, security_headers_have_their_usual_texts) {
  config::SecurityHeadersConfig& security = config_.security_headers_config;
  security.content_security_policy = {"default-src 'self'", true};
  security.content_type_options = config::ContentTypeOptions{true};
  security.frame_options = {config::FrameOption::deny, true};
  security.referrer_policy = {"no-referrer", true};
  security.strict_transport_security = config::StrictTransportSecurity{60, true, true, true};
  security.xss_protection = config::XssProtection{true, false, "/report", true};
  EXPECT_THAT(applied({"X-Frame-Options: ALLOWALL"}),
              ElementsAre("Content-Security-Policy: default-src 'self'", "Referrer-Policy: no-referrer",
                          "Strict-Transport-Security: max-age=60; includeSubDomains; preload", "X-Content-Type-Options: nosniff",
                          "X-Frame-Options: DENY", "X-XSS-Protection: 1; report=/report"));
  security = {};
  security.xss_protection = config::XssProtection{false, false, "", true};
  EXPECT_THAT(applied({}), ElementsAre("X-XSS-Protection: 0"));
  security.xss_protection = config::XssProtection{true, true, "", true};
  EXPECT_THAT(applied({}), ElementsAre("X-XSS-Protection: 1; mode=block"));
}

TEST_F(ResponseHeaders, cross_origin_fields_are_for_requests_with_an_origin) {
  cors({"*"}, true).access_control_expose_headers = {"X-A", "X-B"};
  EXPECT_THAT(applied({}), ElementsAre());
  EXPECT_THAT(applied({}, {"Origin: https://a.example"}),
              ElementsAre("Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-A,X-B"));
}

TEST_F(ResponseHeaders, only_preflights_are_told_of_methods_headers_and_age) {
  config::CorsConfig& config = cors({"*"}, true);
  config.access_control_allow_methods = {config::CorsMethod::put, config::CorsMethod::get};
  config.access_control_allow_headers = {"X-A", "X-B"};
  config.access_control_max_age_sec = 600;
  const Lines preflight{"Origin: https://a.example", "Access-Control-Request-Method: PUT"};
  EXPECT_THAT(applied({}, preflight, http::Method::options),
              ElementsAre("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET,PUT", "Access-Control-Allow-Headers: X-A,X-B",
                          "Access-Control-Max-Age: 600"));
  EXPECT_THAT(applied({}, preflight), ElementsAre("Access-Control-Allow-Origin: *")) << "a GET is none";
  EXPECT_THAT(applied({}, {"Origin: https://a.example"}, http::Method::options), ElementsAre("Access-Control-Allow-Origin: *"));
  config.access_control_allow_methods = {config::CorsMethod::all};
  EXPECT_THAT(applied({}, preflight, http::Method::options), Contains("Access-Control-Allow-Methods: GET,DELETE,HEAD,OPTIONS,PATCH,POST,PUT"));
}

TEST_F(ResponseHeaders, an_allowed_origin_is_named_and_others_get_nothing) {
  struct Row {
    const char* allowed;
    const char* origin;
    bool fits;
  };
  for (const Row& row : {
           Row{"https://shop.example", "https://shop.example", true},
           Row{"https://shop.example", "HTTPS://Shop.example", true},
           Row{"https://shop.example", "http://shop.example", false},
           Row{"https://shop.example", "https://shop.example:8443", false},
           Row{"https://shop.example:8443", "https://shop.example:8443", true},
           Row{"shop.example", "http://shop.example", true},
           Row{"shop.example", "https://shop.example", true},
           Row{"shop.example", "https://a.shop.example", false},
           Row{"shop.example", "https://notshop.example", false},
           Row{"*.shop.example", "https://a.shop.example", true},
           Row{"*.shop.example", "http://a.b.shop.example", true},
           Row{"*.shop.example", "https://shop.example", false},
           Row{"*.shop.example", "https://evilshop.example", false},
           Row{"*.shop.example", "https://.shop.example.evil", false},
           Row{"https://*.shop.example", "https://a.shop.example", true},
           Row{"https://*.shop.example", "http://a.shop.example", false},
           Row{"*.shop.example:8080", "http://a.shop.example:8080", true},
           Row{"*.shop.example:8080", "http://a.shop.example", false},
           Row{"https://shop.example", "null", false},
           Row{"null", "null", true},
       }) {
    cors({"https://other.example", row.allowed}, true).access_control_allow_credentials = true;
    const auto fields = applied({}, {std::string("Origin: ") + row.origin});
    if (row.fits) {
      EXPECT_THAT(fields, ElementsAre("Vary: Origin", std::string("Access-Control-Allow-Origin: ") + row.origin,
                                      "Access-Control-Allow-Credentials: true"))
          << row.allowed << " and " << row.origin;
    } else {
      EXPECT_THAT(fields, ElementsAre("Vary: Origin")) << row.allowed << " and " << row.origin;
    }
  }
}

TEST_F(ResponseHeaders, a_response_that_depends_on_the_origin_says_so_once) {
  cors({"https://shop.example"}, true);
  EXPECT_THAT(applied({"Vary: Accept"}), ElementsAre("Vary: Accept", "Vary: Origin")) << "without an origin too";
  EXPECT_THAT(applied({"Vary: Accept, origin"}), ElementsAre("Vary: Accept, origin"));
  EXPECT_THAT(applied({"Vary: *"}), ElementsAre("Vary: *"));
}

TEST_F(ResponseHeaders, an_origin_that_speaks_for_itself_is_overridden_or_left_alone) {
  const Lines theirs{"Access-Control-Allow-Headers: X", "A: 1"};
  const Lines asked{"Origin: https://a.example"};
  cors({"*"}, false);
  EXPECT_THAT(applied(theirs, asked), ElementsAre("Access-Control-Allow-Headers: X", "A: 1"));
  cors({"*"}, true);
  EXPECT_THAT(applied(theirs, asked), ElementsAre("A: 1", "Access-Control-Allow-Origin: *"));
  EXPECT_THAT(applied(theirs), ElementsAre("Access-Control-Allow-Headers: X", "A: 1")) << "no request of another origin";
  cors({"https://b.example"}, true);
  EXPECT_THAT(applied(theirs, asked), ElementsAre("A: 1", "Vary: Origin")) << "who is not allowed is not allowed by the origin either";
}

TEST_F(ResponseHeaders, timing_says_what_is_known) {
  config_.server_timing_headers_config = {true, 100};
  delivery_.cache = Delivery::Cache::miss;
  delivery_.upstream_ns = 12'900'000;
  delivery_.downstream_ns = 15'000'000;
  delivery_.request_id = "1-67891233-abcdef012345678912345678";
  EXPECT_THAT(applied({"Server-Timing: db;dur=53", "A: 1", "server-timing: app;dur=47.2"}),
              ElementsAre("A: 1", "Server-Timing: cdn-cache-miss,cdn-rid;desc=\"1-67891233-abcdef012345678912345678\","
                                  "cdn-upstream-fbl;dur=12,cdn-downstream-fbl;dur=15,db;dur=53,app;dur=47.2"));
}

TEST_F(ResponseHeaders, on_a_hit_the_origins_timing_is_left_out) {
  config_.server_timing_headers_config = {true, 100};
  delivery_.cache = Delivery::Cache::hit;
  EXPECT_THAT(applied({"Server-Timing: db;dur=53"}), ElementsAre("Server-Timing: cdn-cache-hit,cdn-downstream-fbl;dur=0"));
  delivery_.cache = Delivery::Cache::refresh;
  delivery_.upstream_ns = 1'000'000;
  EXPECT_THAT(applied({}), ElementsAre("Server-Timing: cdn-cache-refresh,cdn-upstream-fbl;dur=1,cdn-downstream-fbl;dur=0"));
}

TEST_F(ResponseHeaders, the_sampling_rate_keeps_its_four_decimals) {
  config_.server_timing_headers_config = {true, 12.3456};
  delivery_.draw = 123'455;
  EXPECT_EQ(applied({}).size(), 1u);
  delivery_.draw = 123'456;
  EXPECT_EQ(applied({}).size(), 0u);
  EXPECT_EQ(applied({}, {"Pragma: server-timing"}).size(), 1u) << "a client asks for it";
  EXPECT_EQ(applied({}, {"Pragma: no-cache"}).size(), 0u);
  config_.server_timing_headers_config.enabled = false;
  EXPECT_EQ(applied({}, {"Pragma: server-timing"}).size(), 0u);
}

TEST_F(ResponseHeaders, hundreds_of_timings_are_merged_in_one_piece) {
  config_.server_timing_headers_config = {true, 100};
  Lines theirs;
  for (int i = 0; i < 250; ++i) theirs.push_back("Server-Timing: " + std::string(120, 'm') + std::to_string(i));
  const auto fields = applied(theirs);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_GT(fields[0].size(), 250u * 121);
}

TEST_F(ResponseHeaders, a_head_without_room_still_gets_a_policy) {
  config_.custom_headers_config.items = {{"X-A", "1", false}, {"X-B", "2", false}};
  Lines theirs;
  for (std::size_t i = 0; i < http::fields_max; ++i) theirs.push_back("F" + std::to_string(i) + ": x");
  const auto fields = applied(theirs);
  EXPECT_THAT(fields, Contains("X-A: 1"));
  EXPECT_THAT(fields, Contains("X-B: 2"));
}

TEST_F(ResponseHeaders, managed_policies_are_known_by_name_and_id) {
  const auto texts = [&](std::string_view name, http::Method method) {
    const config::ResponseHeadersPolicy* managed = config::managed_response_headers_policy(name);
    if (managed == nullptr) return std::vector<std::string>{"none"};
    config_ = *managed;
    return applied({"X-Frame-Options: DENY"}, {"Origin: https://a.example", "Access-Control-Request-Method: PUT"}, method);
  };
  EXPECT_THAT(texts("SimpleCORS", http::Method::options), ElementsAre("X-Frame-Options: DENY", "Access-Control-Allow-Origin: *"));
  EXPECT_THAT(texts("Managed-SimpleCORS", http::Method::get), Contains("Access-Control-Allow-Origin: *"));
  EXPECT_THAT(texts("60669652-455b-4ae9-85a4-c4c02393f86c", http::Method::get), Contains("Access-Control-Allow-Origin: *"));
  EXPECT_THAT(texts("SecurityHeadersPolicy", http::Method::get),
              ElementsAre("X-Frame-Options: DENY", "Referrer-Policy: strict-origin-when-cross-origin", "Strict-Transport-Security: max-age=31536000",
                          "X-Content-Type-Options: nosniff", "X-XSS-Protection: 1; mode=block"));
  EXPECT_THAT(texts("CORS-With-Preflight", http::Method::options),
              ElementsAre("X-Frame-Options: DENY", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *",
                          "Access-Control-Allow-Methods: GET,DELETE,HEAD,OPTIONS,PATCH,POST,PUT"));
  EXPECT_THAT(texts("Simple", http::Method::get), ElementsAre("none"));
  EXPECT_EQ(config::managed_response_headers_policy_names().size(), 5u);
}

}  // namespace
}  // namespace gatehouse::cdn
