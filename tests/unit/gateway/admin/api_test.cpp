#include "gateway/admin/api.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/unit/gateway/admin/fake_control.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

class ApiTest : public testing::Test {
 protected:
  Answer ask(const std::string& method, const std::string& target, const std::string& body = "",
             const std::string& type = "application/json") {
    Request request;
    request.method = method;
    request.target = target;
    request.host = "127.0.0.1:9900";
    request.body = body;
    if (!body.empty()) request.content_type = type;
    Answer out;
    int answers = 0;
    respond(request, HostRules(), control_, [&](Answer answer) {
      out = std::move(answer);
      ++answers;
    });
    EXPECT_EQ(answers, 1);
    return out;
  }
  json::object ask_json(const std::string& method, const std::string& target, const std::string& body = "") {
    const Answer answer = ask(method, target, body);
    EXPECT_EQ(answer.status, 200u) << answer.body;
    EXPECT_EQ(answer.content_type, "application/json");
    return json::parse(answer.body).as_object();
  }
  /// The problem document of an error, checked for what RFC 9457 asks.
  json::object expect_problem(const Answer& answer, unsigned status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.content_type, "application/problem+json");
    json::object document = json::parse(answer.body).as_object();
    EXPECT_EQ(document.at("status").as_int64(), status);
    EXPECT_FALSE(document.at("title").as_string().empty());
    EXPECT_FALSE(document.at("detail").as_string().empty());
    return document;
  }
  std::string detail(const Answer& answer, unsigned status) {
    return std::string(expect_problem(answer, status).at("detail").as_string());
  }

  FakeControl control_;
};

TEST_F(ApiTest, health_is_about_the_process_and_readiness_about_service) {
  EXPECT_EQ(ask("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 200u);
  control_.readiness_value = {false, "draining"};
  EXPECT_EQ(ask("GET", "/healthz").status, 200u);
  EXPECT_EQ(detail(ask("GET", "/readyz"), 503), "draining");
}

TEST_F(ApiTest, metrics_are_the_page_with_prometheus_media_type) {
  const Answer answer = ask("GET", "/metrics");
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.body, "x 1\n");
}

TEST_F(ApiTest, status_holds_everything) {
  const json::object document = ask_json("GET", "/v1/status");
  EXPECT_EQ(document.at("version").as_string(), "1.2.3");
  EXPECT_EQ(document.at("generation").as_int64(), 3);
  EXPECT_TRUE(document.at("last_reload").is_null());
  EXPECT_EQ(document.at("listeners").at(0).at("address").as_string(), "0.0.0.0:8443");
  EXPECT_EQ(document.at("target_groups").at(0).at("endpoints").at(1).at("reason").as_string(), "connection refused");
  EXPECT_TRUE(document.at("target_groups").at(0).at("endpoints").at(0).at("weight_override").is_null());
  EXPECT_EQ(document.at("regions").at(1).at("healthy_endpoints").as_int64(), 0);
}

TEST_F(ApiTest, the_other_documents_are_read) {
  EXPECT_EQ(ask("GET", "/v1/config").body, "{\"version\":1}\n");
  EXPECT_EQ(ask_json("GET", "/v1/target-groups").at("target_groups").as_array().size(), 2u);
  EXPECT_EQ(ask_json("GET", "/v1/target-groups/api").at("failing_open").as_bool(), true);
  EXPECT_EQ(ask_json("GET", "/v1/regions").at("regions").as_array().size(), 2u);
  EXPECT_EQ(ask_json("GET", "/v1/regions/eu-west-1?x=1").at("name").as_string(), "eu-west-1");
}

TEST_F(ApiTest, a_dial_is_set_and_taken_back) {
  json::object region = ask_json("PATCH", "/v1/regions/eu-north-1", R"({"traffic_dial": 12.5})");
  EXPECT_EQ(region.at("traffic_dial").to_number<double>(), 12.5);
  EXPECT_EQ(region.at("configured_dial").to_number<double>(), 100);
  EXPECT_EQ(region.at("dial_override").to_number<double>(), 12.5);
  region = ask_json("PATCH", "/v1/regions/eu-north-1", R"({"traffic_dial": null})");
  EXPECT_EQ(region.at("traffic_dial").to_number<double>(), 100);
  EXPECT_TRUE(region.at("dial_override").is_null());
}

TEST_F(ApiTest, numbers_are_written_as_people_write_them) {
  EXPECT_NE(ask("PATCH", "/v1/regions/eu-north-1", R"({"traffic_dial": 0})").body.find("\"traffic_dial\":0,\"configured_dial\":100,"),
            std::string::npos);
  EXPECT_NE(ask("PATCH", "/v1/regions/eu-north-1", R"({"traffic_dial": 12.5})").body.find("\"traffic_dial\":12.5,"),
            std::string::npos);
  EXPECT_NE(ask("GET", "/v1/status").body.find("\"requests_per_second\":12.34,"), std::string::npos);
}

TEST_F(ApiTest, documents_are_valid_json_whatever_the_texts_hold) {
  control_.groups[0].endpoints[1].reason = "a \"quoted\"\nline \xff";
  const json::object document = ask_json("GET", "/v1/target-groups/web");
  EXPECT_EQ(document.at("endpoints").at(1).at("reason").as_string(), "a \"quoted\"\nline \xef\xbf\xbd");
}

TEST_F(ApiTest, a_dial_outside_its_range_or_of_another_type_is_refused) {
  for (const char* value : {"-1", "100.01", "\"5\"", "true", "[]", "1e999"}) {
    const Answer answer = ask("PATCH", "/v1/regions/eu-north-1", std::string("{\"traffic_dial\": ") + value + "}");
    EXPECT_GE(answer.status, 400u) << value;
    EXPECT_LE(answer.status, 422u) << value;
  }
  EXPECT_FALSE(control_.region_views[0].dial_override);
}

TEST_F(ApiTest, weight_and_state_of_an_endpoint_are_changed_and_taken_back) {
  const std::string path = "/v1/target-groups/web/endpoints/127.0.0.1:9001";
  json::object endpoint = ask_json("PATCH", path, R"({"weight": 0, "state": "draining"})");
  EXPECT_EQ(endpoint.at("weight").as_int64(), 0);
  EXPECT_EQ(endpoint.at("weight_override").as_int64(), 0);
  EXPECT_EQ(endpoint.at("draining").as_bool(), true);
  endpoint = ask_json("PATCH", path, R"({"weight": null})");
  EXPECT_EQ(endpoint.at("weight").as_int64(), 128);
  EXPECT_TRUE(endpoint.at("weight_override").is_null());
  EXPECT_EQ(endpoint.at("draining").as_bool(), true) << "what is not named stays";
  endpoint = ask_json("PATCH", path, R"({"state": "active"})");
  EXPECT_EQ(endpoint.at("draining").as_bool(), false);
}

TEST_F(ApiTest, an_address_may_be_percent_encoded) {
  EXPECT_EQ(ask("PATCH", "/v1/target-groups/web/endpoints/%5B%3A%3A1%5D:9002", R"({"weight": 1})").status, 200u);
  EXPECT_EQ(control_.groups[0].endpoints[1].weight, 1u);
  EXPECT_EQ(ask("PATCH", "/v1/target-groups/web/endpoints/%5", R"({"weight": 1})").status, 404u);
}

TEST_F(ApiTest, bad_weights_and_states_are_all_named_at_once) {
  const std::string path = "/v1/target-groups/web/endpoints/127.0.0.1:9001";
  const json::object document =
      expect_problem(ask("PATCH", path, R"({"weight": 256, "state": "gone"})"), 422);
  ASSERT_EQ(document.at("errors").as_array().size(), 2u);
  EXPECT_EQ(document.at("errors").at(0).at("pointer").as_string(), "/weight");
  EXPECT_EQ(document.at("errors").at(1).at("pointer").as_string(), "/state");
  for (const char* weight : {"-1", "1.5", "5.0", "\"5\"", "99999999999999999999", "{}"}) {
    EXPECT_EQ(ask("PATCH", path, std::string("{\"weight\": ") + weight + "}").status, 422u) << weight;
  }
  expect_problem(ask("PATCH", path, "{}"), 422);
  EXPECT_FALSE(control_.groups[0].endpoints[0].weight_override);
}

TEST_F(ApiTest, names_that_do_not_exist_get_a_suggestion) {
  EXPECT_EQ(detail(ask("PATCH", "/v1/regions/eu-noth-1", R"({"traffic_dial": 0})"), 404),
            "there is no region \"eu-noth-1\"; did you mean \"eu-north-1\"?");
  EXPECT_EQ(detail(ask("GET", "/v1/target-groups/wbe"), 404),
            "there is no target group \"wbe\"; did you mean \"web\"?");
  EXPECT_EQ(detail(ask("PATCH", "/v1/target-groups/web/endpoints/127.0.0.1:9002", R"({"weight": 0})"), 404),
            "the target group \"web\" has no endpoint \"127.0.0.1:9002\"; did you mean \"127.0.0.1:9001\"?");
  EXPECT_EQ(detail(ask("PATCH", "/v1/target-groups/web/endpoints/127.0.0.1:9001", R"({"wieght": 0})"), 422),
            "unknown member \"wieght\"; did you mean \"weight\"?");
}

TEST_F(ApiTest, content_that_is_not_strict_json_is_refused) {
  const std::string path = "/v1/regions/eu-north-1";
  for (const char* body : {"{", "{\"traffic_dial\": 1,}", "{\"traffic_dial\": 1} x", "{traffic_dial: 1}",
                           "{\"traffic_dial\": 1, \"traffic_dial\": 2}", "{\"traffic_dial\": NaN}", "// x\n{}"}) {
    expect_problem(ask("PATCH", path, body), 400);
  }
  expect_problem(ask("PATCH", path, "[1]"), 422);
  expect_problem(ask("PATCH", path, std::string(20, '[') + std::string(20, ']')), 400);
  EXPECT_FALSE(control_.region_views[0].dial_override);
}

TEST_F(ApiTest, another_media_type_is_refused_with_the_one_that_is_taken) {
  const Answer answer = ask("PATCH", "/v1/regions/eu-north-1", "{}", "text/plain");
  expect_problem(answer, 415);
  ASSERT_EQ(answer.fields.size(), 1u);
  EXPECT_EQ(answer.fields[0], std::make_pair(std::string("Accept-Patch"), std::string("application/json")));
  EXPECT_EQ(ask("PATCH", "/v1/regions/eu-north-1", R"({"traffic_dial":1})", "Application/JSON; charset=utf-8").status, 200u);
  expect_problem(ask("POST", "/v1/reload", "x=1", "application/x-www-form-urlencoded"), 415);
  EXPECT_EQ(control_.reloads, 0);
}

TEST_F(ApiTest, a_method_that_does_not_fit_gets_405_with_those_that_do) {
  const auto allow = [&](const std::string& method, const std::string& target) {
    const Answer answer = ask(method, target);
    expect_problem(answer, 405);
    return answer.fields.at(0).second;
  };
  EXPECT_EQ(allow("POST", "/v1/status"), "GET, HEAD");
  EXPECT_EQ(allow("GET", "/v1/reload"), "POST");
  EXPECT_EQ(allow("OPTIONS", "/v1/regions/x"), "GET, HEAD, PATCH");
  EXPECT_EQ(allow("DELETE", "/v1/target-groups/web/endpoints/a"), "PATCH");
}

TEST_F(ApiTest, unknown_paths_are_404_however_they_are_spelled) {
  for (const char* path : {"/", "/v1", "/v1/", "/v1/status/", "//v1/status", "/V1/status", "/v1/../v1/status", "/v1/regions/"}) {
    expect_problem(ask("GET", path), 404);
  }
  expect_problem(ask("GET", "http://127.0.0.1/v1/status"), 400);
  expect_problem(ask("OPTIONS", "*"), 400);
}

TEST_F(ApiTest, a_reload_says_what_changed_or_everything_that_is_wrong) {
  json::object document = ask_json("POST", "/v1/reload");
  EXPECT_EQ(document.at("generation").as_int64(), 4);
  EXPECT_EQ(document.at("changes").as_array().size(), 1u);
  control_.reload_result = {false, 3, {}, "edge.yaml:3:5: error: listeners: missing\n", R"({"errors":1,"problems":[]})"};
  document = expect_problem(ask("POST", "/v1/reload", "{}"), 422);
  EXPECT_NE(document.at("detail").as_string().find("edge.yaml:3:5"), json::string::npos);
  EXPECT_EQ(document.at("problems").at("errors").as_int64(), 1);
  expect_problem(ask("POST", "/v1/reload", R"({"force": true})"), 422);
  EXPECT_EQ(control_.reloads, 2);
}

TEST_F(ApiTest, drain_is_accepted_and_repeating_it_is_harmless) {
  EXPECT_EQ(ask("POST", "/v1/drain").status, 202u);
  EXPECT_TRUE(control_.status_value.draining);
  EXPECT_EQ(json::parse(ask("POST", "/v1/drain").body).at("already").as_bool(), true);
}

TEST_F(ApiTest, a_purge_takes_lists_of_normalised_names) {
  control_.cache_value.emplace();
  const json::object answer = ask_json("POST", "/v1/cache/purge",
      R"({"urls": ["HTTP://Shop.Example:80/a?b"], "prefixes": ["https://h/img/"], "hosts": ["H:8080"], "tags": ["News"], "soft": true})");
  EXPECT_EQ(answer.at("purged").as_int64(), 4);
  EXPECT_EQ(answer.at("mode").as_string(), "soft");
  ASSERT_EQ(control_.purged.size(), 4u);
  EXPECT_EQ(control_.purged[0].text, "http://shop.example/a?b");
  EXPECT_EQ(control_.purged[1].kind, "prefix");
  EXPECT_EQ(control_.purged[2].text, "h:8080");
  EXPECT_EQ(control_.purged[3].text, "News");
  EXPECT_TRUE(control_.purged_softly);
  ask_json("POST", "/v1/cache/purge", R"({"all": true})");
  EXPECT_EQ(control_.purged.at(0).kind, "all");
  EXPECT_FALSE(control_.purged_softly);
}

TEST_F(ApiTest, a_purge_says_what_is_wrong_with_it) {
  control_.cache_value.emplace();
  for (const char* wrong : {"{}", R"({"soft": true})", R"({"urls": "http://h/"})", R"({"urls": ["/a"]})", R"({"urls": [1]})",
                            R"({"hosts": ["h/a"]})", R"({"tags": [""]})", R"({"all": "yes"})", R"({"all": false})"}) {
    expect_problem(ask("POST", "/v1/cache/purge", wrong), 422);
    EXPECT_TRUE(control_.purged.empty()) << wrong;
  }
}

TEST_F(ApiTest, without_a_cache_its_resources_say_how_to_get_one) {
  EXPECT_NE(detail(ask("GET", "/v1/cache"), 409).find("behaviors"), std::string::npos);
  EXPECT_NE(detail(ask("GET", "/v1/cache/objects/http%3A%2F%2Fh%2F"), 409).find("behaviors"), std::string::npos);
  EXPECT_NE(detail(ask("POST", "/v1/cache/purge", R"({"all": true})"), 409).find("behaviors"), std::string::npos);
}

TEST_F(ApiTest, a_url_is_explained_by_its_escaped_name) {
  control_.cache_value.emplace();
  EXPECT_EQ(ask_json("GET", "/v1/cache/objects/http%3A%2F%2Fh%2Fa").at("url").as_string(), "http://h/a");
  EXPECT_NE(detail(ask("GET", "/v1/cache/objects/h"), 422).find("no absolute URL"), std::string::npos);
}

TEST_F(ApiTest, a_url_is_explained_for_a_request_with_fields) {
  control_.cache_value.emplace();
  const std::string body = R"({"url": "http://h/a", "headers": ["Accept-Language: en", "x:"]})";
  EXPECT_EQ(ask_json("POST", "/v1/cache/explain", body).at("url").as_string(), "http://h/a");
  EXPECT_EQ(control_.explained_fields, (std::vector<std::string>{"Accept-Language: en", "x:"}));
  for (const char* wrong : {R"({})", R"({"url": 1})", R"({"url": "http://h/", "headers": "a: b"})", R"({"url": "http://h/", "headers": ["a b: c"]})",
                            R"({"url": "http://h/", "headers": ["none"]})", R"({"url": "http://h/", "headers": ["a: b\nc: d"]})", R"({"url": "http://h/", "headers": [1]})"}) {
    EXPECT_EQ(ask("POST", "/v1/cache/explain", wrong).status, 422) << wrong;
  }
}

}  // namespace
}  // namespace gatehouse::admin
