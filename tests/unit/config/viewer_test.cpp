// Response headers policies and geo: what review and formats refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/managed_response_headers.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

using ::testing::HasSubstr;

std::string with_policy(const std::string& keys, const std::string& used = "h") {
  return one_listener + "    behaviors: [ { path_pattern: '*', cache_policy: p, response_headers_policy: " + used + " } ]\n" +
         "cache: { policies: [ { name: p } ] }\nresponse_headers_policies:\n  - { name: h" + (keys.empty() ? "" : ", " + keys) + " }\n";
}

/// The only problem there is.
std::string problem_of(const std::string& text) {
  const auto problems = problems_of(text);
  EXPECT_EQ(problems.size(), 1u) << (problems.size() > 1 ? problems[1] : "");
  return problems.empty() ? "" : problems[0];
}

TEST(ResponseHeadersConfig, may_be_empty) { EXPECT_EQ(load_clean(with_policy("")).response_headers_policies.at(0).name, "h"); }

TEST(ResponseHeadersConfig, names_exist) {
  const auto problems = problems_of(with_policy("", "SimpleCORs"));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(problems[0], HasSubstr("there is no response headers policy 'SimpleCORs' (did you mean 'SimpleCORS'?)"));
  EXPECT_THAT(problems[1], HasSubstr("response headers policy 'h' is not used"));
}

TEST(ResponseHeadersConfig, managed_ones_need_no_definition_and_allow_none) {
  for (const char* name : {"SecurityHeadersPolicy", "60669652-455b-4ae9-85a4-c4c02393f86c"}) {
    EXPECT_THAT(problem_of(with_policy("", name)), HasSubstr("response headers policy 'h' is not used")) << name;
  }
  EXPECT_THAT(problem_of(one_listener + "response_headers_policies: [ { name: SimpleCORS } ]\n"), HasSubstr("is the name of a managed policy"));
}

TEST(ResponseHeadersConfig, fields_of_the_protocol_are_left_alone) {
  for (const char* name : {"connection", "Content-Length", "content-encoding", "Proxy-Foo", "Via", "X-Amz-Cf-Id", "X-Edge-Anything", "X-Cache", "Host",
                           "X-Accel-Redirect", "X-Real-Ip", "Warning"}) {
    EXPECT_THAT(problem_of(with_policy("remove_headers_config: { items: [ { header: " + std::string(name) + " } ] }")),
                HasSubstr("'" + std::string(name) + "' cannot be removed"));
  }
  EXPECT_THAT(problem_of(with_policy("custom_headers_config: { items: [ { header: Trailer, value: x, override: true } ] }")),
              HasSubstr("'Trailer' cannot be added"));
  load_clean(with_policy("remove_headers_config: { items: [ { header: Server }, { header: Vary }, { header: X-Powered-By } ] }"));
}

TEST(ResponseHeadersConfig, ten_fields_are_enough) {
  std::string items;
  for (int i = 0; i < 11; ++i) items += (i == 0 ? "" : ", ") + std::string("{ header: X-") + std::to_string(i) + " }";
  EXPECT_THAT(problem_of(with_policy("remove_headers_config: { items: [ " + items + " ] }")), HasSubstr("11 fields are too many; at most 10"));
  EXPECT_THAT(problem_of(with_policy("remove_headers_config: { items: [ { header: X-A }, { header: x-a } ] }")), HasSubstr("is given twice"));
}

TEST(ResponseHeadersConfig, credentials_and_stars_do_not_go_together) {
  const std::string text = with_policy(
      "cors_config: { access_control_allow_origins: ['*'], access_control_allow_credentials: true, origin_override: true }");
  EXPECT_THAT(problem_of(text), HasSubstr("browsers refuse '*' where credentials are allowed"));
}

TEST(ResponseHeadersConfig, origins_have_a_host_and_no_path) {
  for (const char* origin : {"https://shop.example/", "ftp://shop.example", "https://", "a.*.example", "*shop.example", "https://shop.example:x"}) {
    EXPECT_THAT(problem_of(with_policy("cors_config: { access_control_allow_origins: ['" + std::string(origin) + "'], origin_override: true }")),
                HasSubstr("'" + std::string(origin) + "' is no origin"));
  }
  load_clean(with_policy("cors_config: { origin_override: true, access_control_allow_origins: "
                         "['https://a.example', 'http://*.a.example:81', 'a.example', '*.a.example', '10.0.0.1:8080', 'null'] }"));
}

TEST(ResponseHeadersConfig, security_headers_make_sense) {
  const std::string at = "security_headers_config: { ";
  EXPECT_THAT(problem_of(with_policy(at + "xss_protection: { protection: false, mode_block: true, override: true } }")),
              HasSubstr("has settings for a protection that is off"));
  EXPECT_THAT(problem_of(with_policy(at + "xss_protection: { protection: true, mode_block: true, report_uri: /r, override: true } }")),
              HasSubstr("a page is either blocked or reported"));
  EXPECT_THAT(problem_of(with_policy(at + "referrer_policy: { referrer_policy: strict-orign, override: true } }")),
              HasSubstr("did you mean 'strict-origin'?"));
  EXPECT_THAT(problem_of(with_policy(at + "content_security_policy: { content_security_policy: \"a\\nb\", override: true } }")),
              HasSubstr("no control characters or line ends"));
  EXPECT_THAT(problem_of(with_policy(at + "content_security_policy: { content_security_policy: '" + std::string(1784, 'x') + "', override: true } }")),
              HasSubstr("1783"));
}

TEST(GeoConfig, a_restriction_needs_a_database_and_countries) {
  const std::string filter = "    filters: [ { geo_restriction: { restriction_type: whitelist, locations: [";
  EXPECT_THAT(problem_of(one_listener + filter + "SE] } } ]\n"), HasSubstr("nobody's country is known without a database"));
  EXPECT_THAT(problem_of(one_listener + filter + "UK] } } ]\ngeo: { database: /a.mmdb }\n"), HasSubstr("'UK' is no country's code (did you mean 'GB'?)"));
  EXPECT_THAT(problem_of(one_listener + filter + "XX] } } ]\ngeo: { database: /a.mmdb }\n"), HasSubstr("'XX' is no country's code"));
  EXPECT_EQ(load_clean(one_listener + filter + "SE, NO] } } ]\ngeo: { database: /a.mmdb }\n").geo.database, "/a.mmdb");
}

}  // namespace
}  // namespace gatehouse::config
