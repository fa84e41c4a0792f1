// What may be stored and why not, for both profiles.
#include "gateway/cache/storing.hpp"

#include <gtest/gtest.h>

#include "gateway/cache/lifetime.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using http::Method;
using testing::date;
using testing::Lines;
using testing::now_ms;
using testing::request;
using testing::response;

constexpr Times at_once{now_ms, now_ms};
const std::string hour = "Cache-Control: max-age=3600";

struct Asked {
  Lines request;
  Lines response;
  std::uint16_t status{200};
};

Storing judged(const Asked& asked, const Policy& policy = {}) {
  const auto sent = request(asked.request);
  const auto answer = response(asked.response, asked.status);
  Storing storing = judge(policy, *sent, *answer, at_once);
  storing.control = {};  // its views end here
  return storing;
}

std::string_view why_not(const Asked& asked, const Policy& policy = {}) { return text(judged(asked, policy).why_not); }

TEST(Storing, takes_every_final_status_with_an_explicit_lifetime) {
  for (const std::uint16_t status : {200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599, 999}) {
    const Storing fresh = judged({{}, {hour}, status});
    EXPECT_TRUE(fresh.may_store() && fresh.freshness.fresh(now_ms + 3000)) << status;
    const Storing stale = judged({{}, {"Expires: " + date(-5000), "Last-Modified: " + date(-100000), "Date: " + date()}, status});
    EXPECT_FALSE(stale.may_store() && stale.freshness.fresh(now_ms)) << status;
  }
}

TEST(Storing, refuses_what_is_no_representation) {
  EXPECT_EQ(why_not({{}, {hour}, 103}), "no-representation");
  EXPECT_EQ(why_not({{}, {hour}, 304}), "no-representation");
  EXPECT_EQ(why_not({{}, {hour}, 412}), "status");
  EXPECT_EQ(why_not({{}, {hour}, 416}), "status");
}

TEST(Storing, obeys_the_directives_of_the_response) {
  struct Row {
    const char* directives;
    const char* why_not;
  };
  for (const Row& row : {Row{"max-age=3600, private", "private"}, Row{"no-store", "no-store"}, Row{"max-age=10, No-StOrE", "no-store"},
                         Row{"private=\"set-cookie\", max-age=5", "stored"}, Row{"no-cache", "no-lifetime"}, Row{"max-age=10, no-cache", "no-lifetime"},
                         Row{"max-age=3600, x=\"", "broken-cache-control"}, Row{"max-age=0", "stored"}, Row{"max-age=0, must-revalidate", "no-lifetime"},
                         Row{"public", "no-lifetime"}, Row{"", "no-lifetime"}}) {
    EXPECT_EQ(why_not({{}, {std::string("Cache-Control: ") + row.directives}}), row.why_not) << row.directives;
  }
}

TEST(Storing, keeps_for_validation_what_has_a_validator) {
  EXPECT_EQ(why_not({{}, {"ETag: \"a\""}}), "stored");
  EXPECT_EQ(why_not({{}, {"ETag: \"a\"", "Cache-Control: no-cache"}}), "stored");
  EXPECT_EQ(why_not({{}, {"ETag: \"a\""}, 403}), "no-lifetime") << "RFC 9111 3: not cacheable by default";
  EXPECT_EQ(why_not({{}, {"ETag: \"a\"", "Cache-Control: max-age=0"}, 503}), "no-lifetime") << "would take the place of a good one";
  const Storing storing = judged({{}, {"ETag: \"a\""}});
  EXPECT_TRUE(storing.never_fresh());
  EXPECT_FALSE(stale_in_trouble(storing.freshness, now_ms, Trouble::unreachable)) << "nobody said that it may be shared unasked";
  EXPECT_FALSE(judged({{}, {hour}}).never_fresh());
}

TEST(Storing, must_understand_overrules_no_store_for_statuses_that_are_known) {
  const Lines lines{"Cache-Control: max-age=3600, no-store, must-understand"};
  EXPECT_EQ(why_not({{}, lines, 200}), "stored");
  EXPECT_EQ(why_not({{}, lines, 404}), "stored");
  EXPECT_EQ(why_not({{}, lines, 599}), "status");
  EXPECT_EQ(why_not({{}, {"Cache-Control: max-age=3600, must-understand"}, 599}), "status");
}

TEST(Storing, of_an_answer_to_credentials_needs_a_directive_that_allows_it) {
  const Lines credentials{"Authorization: FOO"};
  EXPECT_EQ(why_not({credentials, {hour}}), "authorization");
  for (const char* line : {"Cache-Control: max-age=3600, public", "Cache-Control: max-age=3600, must-revalidate", "Cache-Control: s-maxage=3600",
                           "CDN-Cache-Control: max-age=3600, public"}) {
    EXPECT_EQ(why_not({credentials, {line}}), "stored") << line;
  }
  EXPECT_EQ(why_not({credentials, {"CDN-Cache-Control: max-age=3600", "Cache-Control: public"}}), "authorization");
}

TEST(Storing, knows_the_methods) {
  const auto answer = response({hour});
  const auto why = [&](Method method, const char* name) { return text(judge({}, *request(method, name), *answer, at_once).why_not); };
  EXPECT_EQ(why(Method::get, "GET"), "stored");
  EXPECT_EQ(why(Method::post, "POST"), "stored");
  EXPECT_EQ(why(Method::head, "HEAD"), "method");
  EXPECT_EQ(why(Method::put, "PUT"), "method");
  EXPECT_EQ(why(Method::options, "OPTIONS"), "method");
  const auto guessed = response({"Last-Modified: " + date(-86400), "ETag: \"a\""});
  EXPECT_EQ(judge({}, *request(Method::post, "POST"), *guessed, at_once).why_not, Unstorable::no_lifetime) << "RFC 9110 9.3.3";
}

TEST(Storing, is_refused_by_the_request_s_no_store) {
  EXPECT_EQ(why_not({{"Cache-Control: no-store"}, {hour}}), "request-no-store");
  EXPECT_EQ(why_not({{"Cache-Control: nothing-to-see-here", "Pragma: foo"}, {hour}}), "stored");
}

TEST(Storing, refuses_a_star_anywhere_in_vary) {
  for (const Lines& lines : {Lines{"Vary: *"}, Lines{"Vary: *, *"}, Lines{"Vary: *", "Vary: *"}, Lines{"Vary: , *"}, Lines{"Vary: ", "Vary: *"},
                             Lines{"Vary: *, Foo"}, Lines{"Vary: Foo, *"}}) {
    Lines all = lines;
    all.push_back(hour);
    EXPECT_EQ(why_not({{}, all}), "vary-all") << lines[0];
  }
  EXPECT_EQ(why_not({{}, {hour, "Vary: Foo"}}), "stored");
}

TEST(Storing, of_cookies_follows_the_rule) {
  const std::string cookie = "Set-Cookie: a=b", guess = "Last-Modified: " + date(-86400);
  Policy policy;
  EXPECT_EQ(why_not({{}, {hour, cookie}}, policy), "stored");
  EXPECT_EQ(why_not({{}, {guess, cookie}}, policy), "set-cookie");
  EXPECT_EQ(why_not({{}, {"Cache-Control: max-age=0", cookie}}, policy), "set-cookie");
  policy.set_cookie = SetCookieRule::with_shared_freshness;
  EXPECT_EQ(why_not({{}, {hour, cookie}}, policy), "set-cookie");
  for (const char* line : {"Cache-Control: max-age=9, public", "Cache-Control: s-maxage=9", "CDN-Cache-Control: max-age=9",
                           "Cache-Control: max-age=9, no-cache=\"Set-Cookie\""}) {
    EXPECT_EQ(why_not({{}, {line, cookie}}, policy), "stored") << line;
  }
  policy.set_cookie = SetCookieRule::never;
  EXPECT_EQ(why_not({{}, {"Cache-Control: s-maxage=9", cookie}}, policy), "set-cookie");
  policy.set_cookie = SetCookieRule::strip;
  EXPECT_TRUE(judged({{}, {guess, cookie}}, policy).strip_set_cookie);
  EXPECT_EQ(why_not({{"Cookie: a=b"}, {hour}}), "stored");
}

TEST(Storing, of_a_part_needs_a_sound_content_range) {
  const auto part = [](const char* content_range, std::uint64_t length, Lines sent) {
    const auto asked = request(std::move(sent));
    const auto answer = response(content_range != nullptr ? Lines{hour, content_range} : Lines{hour}, 206);
    answer->body = {http::BodyKind::counted, length};
    return text(judge({}, *asked, *answer, at_once).why_not);
  };
  EXPECT_EQ(part("Content-Range: bytes 0-4/10", 5, {"Range: bytes=0-4"}), "stored");
  EXPECT_EQ(part("Content-Range: bytes 0-4/10", 5, {}), "content-range") << "nobody asked for it";
  EXPECT_EQ(part("Content-Range: bytes 4-9/10", 5, {"Range: bytes=-5"}), "content-range") << "six bytes announced, five sent";
  EXPECT_EQ(part("Content-Range: bytes 0-4/*", 5, {"Range: bytes=0-4"}), "content-range");
  EXPECT_EQ(part("Content-Range: bytes 0-10/10", 11, {"Range: bytes=0-"}), "content-range");
  EXPECT_EQ(part(nullptr, 5, {"Range: bytes=0-4,7-8"}), "content-range");
  EXPECT_EQ(part("Content-Range: bytes 4-9/10", 5, {"Range: bytes=-5", "Authorization: FOO"}), "authorization") << "asked before";
}

TEST(Storing, of_errors_without_lifetime_is_opted_in_by_status) {
  Policy policy;
  policy.negative = {{404, seconds(5)}, {502, seconds(1)}};
  EXPECT_EQ(judged({{}, {}, 404}, policy).freshness.lifetime_s, 5U);
  EXPECT_TRUE(judged({{}, {}, 502}, policy).may_store());
  EXPECT_EQ(why_not({{}, {}, 503}, policy), "no-lifetime");
  EXPECT_EQ(judged({{}, {"Cache-Control: max-age=1"}, 404}, policy).freshness.lifetime_s, 1U) << "the origin's word first";
  EXPECT_EQ(why_not({{}, {"Cache-Control: no-store"}, 404}, policy), "no-store");
}

TEST(Storing, looks_for_the_targeted_fields_in_the_order_of_the_policy) {
  Policy policy;
  policy.targeted_fields = {"gatehouse-cache-control", "cdn-cache-control"};
  const Lines both{"CDN-Cache-Control: max-age=1", "Gatehouse-Cache-Control: max-age=9"};
  EXPECT_EQ(judged({{}, both}, policy).freshness.lifetime_s, 9U);
  EXPECT_EQ(judged({{}, {"CDN-Cache-Control: max-age=1", "Gatehouse-Cache-Control: &"}}, policy).freshness.lifetime_s, 1U);
  policy.targeted_fields.clear();
  EXPECT_EQ(judged({{}, {"CDN-Cache-Control: max-age=1", hour}}, policy).freshness.lifetime_s, 3600U);
}

// Profile cloudfront.

Policy cloudfront(std::int64_t min_ttl, std::int64_t default_ttl, std::int64_t max_ttl) {
  Policy policy;
  policy.profile = Profile::cloudfront;
  policy.cloudfront.min_ttl = seconds(min_ttl);
  policy.cloudfront.default_ttl = seconds(default_ttl);
  policy.cloudfront.max_ttl = seconds(max_ttl);
  return policy;
}

TEST(CloudFrontStoring, clamps_lifetimes_as_documented) {
  struct Row {
    Lines lines;
    std::uint32_t without_min, with_min;  // MinTTL 0 or 60, DefaultTTL 300, MaxTTL 1000
  };
  const Row rows[]{
      {{"Cache-Control: max-age=10"}, 10, 60},
      {{"Cache-Control: max-age=100"}, 100, 100},
      {{"Cache-Control: max-age=5000"}, 1000, 1000},
      {{"Cache-Control: max-age=10, s-maxage=200"}, 200, 200},
      {{"Expires: " + date(500), "Date: " + date()}, 500, 500},
      {{"Expires: " + date(-500), "Date: " + date()}, 0, 60},
      {{}, 300, 300},
      {{"ETag: \"a\""}, 300, 300},
      {{"CDN-Cache-Control: max-age=7"}, 300, 300},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(judged({{}, row.lines}, cloudfront(0, 300, 1000)).freshness.lifetime_s, row.without_min);
    EXPECT_EQ(judged({{}, row.lines}, cloudfront(60, 300, 1000)).freshness.lifetime_s, row.with_min);
  }
}

TEST(CloudFrontStoring, overrides_directives_only_with_a_min_ttl) {
  for (const char* directive : {"no-store", "private", "no-cache"}) {
    const Lines lines{std::string("Cache-Control: max-age=500, ") + directive, "ETag: \"a\""};
    const Storing honoured = judged({{}, lines}, cloudfront(0, 300, 1000)), forced = judged({{}, lines}, cloudfront(60, 300, 1000));
    EXPECT_FALSE(honoured.may_store() && honoured.freshness.fresh(now_ms)) << directive;
    EXPECT_TRUE(forced.may_store() && forced.freshness.fresh(now_ms)) << directive;
    EXPECT_EQ(forced.freshness.lifetime_s, 60U) << directive;
  }
  EXPECT_EQ(why_not({{}, {hour, "Vary: *"}}, cloudfront(0, 300, 1000)), "vary-all");
  EXPECT_EQ(why_not({{}, {hour, "Vary: *"}}, cloudfront(60, 300, 1000)), "stored");
  EXPECT_EQ(why_not({{}, {hour}}, cloudfront(0, 0, 0)), "disabled");
}

TEST(CloudFrontStoring, keeps_errors_for_their_own_ttl) {
  Policy policy = cloudfront(0, 300, 1000);
  for (const std::uint16_t status : {404, 414, 500, 501, 502, 503, 504}) {
    EXPECT_EQ(judged({{}, {"Cache-Control: no-store"}, status}, policy).freshness.lifetime_s, 10U) << status;
    EXPECT_EQ(why_not({{}, {"Cache-Control: no-store"}, status}, policy), "stored") << status;
  }
  for (const std::uint16_t status : {400, 403, 405, 415}) {
    EXPECT_EQ(why_not({{}, {"Expires: " + date(500)}, status}, policy), "status") << status;
    EXPECT_EQ(judged({{}, {"Cache-Control: max-age=50"}, status}, policy).freshness.lifetime_s, 50U) << status;
  }
  for (const std::uint16_t status : {401, 416, 418, 505}) EXPECT_EQ(why_not({{}, {hour}, status}, policy), "status") << status;
  policy.negative = {{404, seconds(2)}};
  EXPECT_EQ(judged({{}, {}, 404}, policy).freshness.lifetime_s, 2U);
}

TEST(CloudFrontStoring, serves_the_expired_copy_whatever_the_directives_but_stale_if_error) {
  const Policy policy = cloudfront(0, 300, 1000);
  const auto in_trouble = [&](const char* directives) {
    const Freshness freshness = judged({{}, {std::string("Cache-Control: ") + directives}}, policy).freshness;
    return stale_in_trouble(freshness, now_ms + 5000, Trouble::server_error);
  };
  EXPECT_TRUE(in_trouble("max-age=2, must-revalidate"));
  EXPECT_TRUE(in_trouble("s-maxage=2"));
  EXPECT_FALSE(in_trouble("max-age=2, stale-if-error=0"));
  EXPECT_TRUE(in_trouble("max-age=2, stale-if-error=10"));
}

TEST(CloudFrontStoring, refuses_a_vary_that_its_key_does_not_see) {
  Policy policy = cloudfront(0, 300, 1000);
  policy.cloudfront.headers = {Selection::listed, {"x-device"}};
  policy.cloudfront.forwarded = {Selection::listed, {"rsc", "accept-encoding"}};
  for (const char* names : {"X-Device", "Accept-Language, x-device", "Cookie", "Origin"}) {
    EXPECT_EQ(why_not({{}, {hour, std::string("Vary: ") + names}}, policy), "stored") << names;
  }
  for (const char* names : {"RSC, X-Device", "Accept-Encoding", "X-Forwarded-For", "Range"}) {
    EXPECT_EQ(why_not({{}, {hour, std::string("Vary: ") + names}}, policy), "vary-unkeyed") << names;
  }
  EXPECT_EQ(why_not({{}, {hour, "Vary: " + std::string(100, 'x')}}, policy), "vary-unkeyed");
  policy.cloudfront.accept_encoding_gzip = true;
  EXPECT_EQ(why_not({{}, {hour, "Vary: Accept-Encoding"}}, policy), "stored");
  policy.cloudfront.cookies = {Selection::listed, {"sid"}};
  EXPECT_EQ(why_not({{}, {hour, "Vary: Cookie"}}, policy), "stored");
  policy.cloudfront.cookies_forwarded = true;
  EXPECT_EQ(why_not({{}, {hour, "Vary: Cookie"}}, policy), "vary-unkeyed");
  policy.cloudfront.forwarded = {Selection::all, {}};
  EXPECT_EQ(why_not({{}, {hour, "Vary: Accept-Language"}}, policy), "vary-unkeyed");
}

TEST(CloudFrontStoring, keeps_cookies_where_they_are_forwarded) {
  Policy policy = cloudfront(0, 300, 1000);
  EXPECT_TRUE(judged({{}, {hour, "Set-Cookie: a=b"}}, policy).strip_set_cookie);
  policy.cloudfront.cookies.selection = Selection::all;
  EXPECT_FALSE(judged({{}, {hour, "Set-Cookie: a=b"}}, policy).strip_set_cookie);
  policy.cloudfront.cookies_forwarded = true;
  EXPECT_EQ(why_not({{}, {hour, "Set-Cookie: a=b"}}, policy), "set-cookie");
}

TEST(CloudFrontStoring, caches_options_on_request) {
  Policy policy = cloudfront(0, 300, 1000);
  const auto asked = request(Method::options, "OPTIONS");
  EXPECT_EQ(judge(policy, *asked, *response({hour}), at_once).why_not, Unstorable::method);
  policy.cloudfront.options_cached = true;
  EXPECT_EQ(judge(policy, *asked, *response({hour}), at_once).why_not, Unstorable::none);
  EXPECT_EQ(judge(policy, *request(Method::post, "POST"), *response({hour}), at_once).why_not, Unstorable::method);
}

}  // namespace
}  // namespace gatehouse::cache
