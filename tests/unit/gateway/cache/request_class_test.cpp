// What a request means to the cache, and what its wishes change where they are honoured.
#include "gateway/cache/request_class.hpp"

#include <gtest/gtest.h>

#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using http::Method;
using testing::Lines;
using testing::now_ms;
using testing::request;

RequestClass classified(const Lines& lines, const Policy& policy = {}) { return classify(policy, *request(lines)); }
RequestClass classified(Method method, const char* name, const Policy& policy = {}) { return classify(policy, *request(method, name)); }

TEST(RequestClass, looks_up_get_and_head) {
  EXPECT_EQ(classified(Method::get, "GET").bypass, Bypass::none);
  EXPECT_EQ(classified(Method::head, "HEAD").bypass, Bypass::none);
  EXPECT_TRUE(classified(Method::get, "GET").may_store);
  EXPECT_FALSE(classified(Method::head, "HEAD").may_store);
  for (const auto& [method, name] : {std::pair(Method::put, "PUT"), std::pair(Method::options, "OPTIONS"), std::pair(Method::other, "M-SEARCH")}) {
    EXPECT_EQ(classified(method, name).bypass, Bypass::method) << name;
    EXPECT_FALSE(classified(method, name).may_store) << name;
  }
  EXPECT_TRUE(classified(Method::post, "POST").may_store);
  EXPECT_EQ(text(classified(Method::post, "POST").bypass), "method");
}

TEST(RequestClass, knows_safe_methods_and_takes_the_others_for_unsafe) {
  for (const auto& [method, name] : {std::pair(Method::get, "GET"), std::pair(Method::head, "HEAD"), std::pair(Method::options, "OPTIONS"),
                                     std::pair(Method::trace, "TRACE"), std::pair(Method::other, "PROPFIND"), std::pair(Method::other, "QUERY")}) {
    EXPECT_FALSE(classified(method, name).unsafe) << name;
  }
  for (const auto& [method, name] : {std::pair(Method::post, "POST"), std::pair(Method::put, "PUT"), std::pair(Method::delete_, "DELETE"),
                                     std::pair(Method::patch, "PATCH"), std::pair(Method::other, "M-SEARCH"), std::pair(Method::other, "query")}) {
    EXPECT_TRUE(classified(method, name).unsafe) << name;
  }
}

TEST(RequestClass, lets_no_content_and_no_upgrade_near_the_cache) {
  const auto with_content = request();
  with_content->body = {http::BodyKind::counted, 3};
  EXPECT_EQ(classify({}, *with_content).bypass, Bypass::content);
  EXPECT_FALSE(classify({}, *with_content).may_store);
  with_content->body.length = 0;
  EXPECT_EQ(classify({}, *with_content).bypass, Bypass::none);
  EXPECT_EQ(classified({"Connection: Upgrade", "Upgrade: websocket"}).bypass, Bypass::upgrade);
  EXPECT_EQ(classified({"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"}).bypass, Bypass::none);
}

TEST(RequestClass, sees_ranges_and_conditions) {
  EXPECT_TRUE(classified({"Range: bytes=0-1"}).has_range);
  EXPECT_FALSE(classified({"Range: items=0-1"}).has_range);
  EXPECT_FALSE(classified({}).conditional);
  for (const char* line : {"If-None-Match: *", "If-Match: *", "If-Modified-Since: x", "If-Unmodified-Since: x", "If-Range: x"}) {
    EXPECT_TRUE(classified({line}).conditional) << line;
  }
}

TEST(RequestClass, collapses_only_what_may_be_shared) {
  EXPECT_TRUE(classified({"Cookie: a=b"}).collapsible);
  EXPECT_FALSE(classified({"Authorization: FOO"}).collapsible);
  EXPECT_FALSE(classified({"Cache-Control: no-store"}).collapsible);
  EXPECT_FALSE(classified(Method::post, "POST").collapsible);
  Policy cloudfront;
  cloudfront.profile = Profile::cloudfront;
  EXPECT_TRUE(classified({}, cloudfront).collapsible);
  EXPECT_TRUE(classified({"Authorization: FOO"}, cloudfront).collapsible);  // it does not reach the origin
  cloudfront.cloudfront.forwarded.selection = Selection::all;
  EXPECT_FALSE(classified({"Authorization: FOO"}, cloudfront).collapsible);
  cloudfront.cloudfront.cookies.selection = Selection::all;
  EXPECT_FALSE(classified({}, cloudfront).collapsible);
}

TEST(RequestClass, ignores_the_wishes_of_clients_unless_told_otherwise) {
  const RequestClass ignored = classified({"Cache-Control: no-cache, max-age=0, min-fresh=9, max-stale", "Pragma: no-cache"});
  EXPECT_FALSE(ignored.must_validate);
  EXPECT_TRUE(ignored.max_age == http::no_delta && ignored.min_fresh == http::no_delta && ignored.max_stale == http::no_delta);
  EXPECT_EQ(classified({"Cache-Control: no-store"}).bypass, Bypass::none);
  EXPECT_FALSE(classified({"Cache-Control: no-store"}).may_store);
  EXPECT_TRUE(classified({"Cache-Control: only-if-cached"}).only_if_cached) << "costs the origin nothing";
  Policy policy;
  policy.honour_request_directives = true;
  for (const char* line : {"Cache-Control: no-cache", "Cache-Control: max-age=0", "Pragma: no-cache"}) {
    EXPECT_TRUE(classified({line}, policy).must_validate) << line;
  }
  for (const char* line : {"Cache-Control: nothing-to-see-here", "Pragma: foo", "Cache-Control: max-age=1"}) {
    EXPECT_FALSE(classified({line}, policy).must_validate) << line;
  }
  EXPECT_FALSE(classified({"Pragma: no-cache", "Cache-Control: max-age=60"}, policy).must_validate);
  EXPECT_EQ(classified({"Cache-Control: no-store"}, policy).bypass, Bypass::no_store);
}

TEST(RequestClass, of_the_cloudfront_profile) {
  Policy policy;
  policy.profile = Profile::cloudfront;
  EXPECT_EQ(classified(Method::options, "OPTIONS", policy).bypass, Bypass::method);
  EXPECT_FALSE(classified(Method::post, "POST", policy).may_store);
  policy.cloudfront.options_cached = true;
  EXPECT_EQ(classified(Method::options, "OPTIONS", policy).bypass, Bypass::none);
  policy.cloudfront.default_ttl = policy.cloudfront.max_ttl = seconds(0);
  EXPECT_EQ(classified(Method::get, "GET", policy).bypass, Bypass::disabled);
}

/// A response of one hour that is `age` seconds old.
Freshness aged(std::int64_t age, std::initializer_list<FreshnessFlag> flags = {}) {
  Freshness freshness;
  freshness.born_ms = now_ms - age * 1000;
  freshness.lifetime_s = 3600;
  for (const FreshnessFlag flag : flags) freshness.set(flag);
  return freshness;
}

bool usable_for(const char* directives, const Freshness& freshness) {
  Policy policy;
  policy.honour_request_directives = true;
  return usable(classified({std::string("Cache-Control: ") + directives}, policy), freshness, now_ms);
}

TEST(Usable, weighs_wishes_against_freshness) {
  struct Row {
    const char* directives;
    std::int64_t age;
    bool usable;
  };
  for (const Row& row : {Row{"x", 10, true}, Row{"x", 3600, false}, Row{"max-age=0", 10, false}, Row{"max-age=600", 1800, false},
                         Row{"max-age=1800", 1800, true}, Row{"min-fresh=2000", 2000, false}, Row{"min-fresh=1600", 2000, true},
                         Row{"no-cache", 10, false}, Row{"max-stale=1000", 4000, true}, Row{"max-stale=1000", 4601, false},
                         Row{"max-stale", 999999, true}, Row{"max-stale, max-age=10", 4000, false}, Row{"max-stale, no-cache", 4000, false}}) {
    EXPECT_EQ(usable_for(row.directives, aged(row.age)), row.usable) << row.directives << " at " << row.age;
  }
}

TEST(Usable, respects_what_the_response_forbids_and_promises) {
  EXPECT_FALSE(usable_for("max-stale", aged(4000, {FreshnessFlag::must_revalidate})));
  EXPECT_FALSE(usable_for("max-stale", aged(4000, {FreshnessFlag::validate_only})));
  EXPECT_FALSE(usable_for("max-stale", aged(10, {FreshnessFlag::no_cache})));
  EXPECT_TRUE(usable_for("max-age=0", aged(10, {FreshnessFlag::immutable})));
  EXPECT_FALSE(usable_for("max-age=0", aged(4000, {FreshnessFlag::immutable})));
}

}  // namespace
}  // namespace gatehouse::cache
