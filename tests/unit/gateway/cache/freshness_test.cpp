// How old a response is and how long it lives, by table: Age, Expires, Cache-Control, targeted fields, heuristics. A row says
// whether a response that came just now may be used three seconds later.
#include "gateway/cache/freshness.hpp"

#include <gtest/gtest.h>

#include "gateway/cache/storing.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using testing::date;
using testing::Lines;
using testing::now_ms;
using testing::request;
using testing::response;

constexpr Times at_once{now_ms, now_ms};

Storing judged(const Lines& lines, std::uint16_t status = 200, const Policy& policy = {}) {
  const auto asked = request();
  const auto answer = response(lines, status);
  Storing storing = judge(policy, *asked, *answer, at_once);
  storing.control = {};  // its views end here
  return storing;
}

/// Whether it is stored and still fresh after a pause.
bool reused(const Lines& lines, std::uint16_t status = 200) {
  const Storing storing = judged(lines, status);
  return storing.may_store() && storing.freshness.fresh(now_ms + 3000);
}

struct Row {
  Lines lines;
  bool reused;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    std::string name;
    for (const std::string& line : row.lines) name += line + " | ";
    EXPECT_EQ(reused(row.lines), row.reused) << name;
  }
}

TEST(Freshness, comes_from_the_directive_that_counts_for_a_shared_cache) {
  check({
      {{}, false},
      {{"Cache-Control: max-age=3600"}, true},
      {{"Cache-Control: max-age=0"}, false},
      {{"Cache-Control: max-age=2"}, false},
      {{"Cache-Control: max-age=2147483648"}, true},
      {{"Cache-Control: max-age=-3600"}, false},
      {{"Cache-Control: max-age=3600", "Expires: " + date(-7200), "Date: " + date()}, true},
      {{"Cache-Control: max-age=3600", "Expires: 0", "Date: " + date()}, true},
      {{"Expires: " + date(3600), "Cache-Control: max-age=0", "Date: " + date()}, false},
      {{"Cache-Control: s-maxage=3600"}, true},
      {{"Cache-Control: max-age=3600, s-maxage=1"}, false},
      {{"Cache-Control: s-maxage=1, max-age=3600"}, false},
      {{"Cache-Control: max-age=3600", "Cache-Control: s-maxage=1"}, false},
      {{"Cache-Control: max-age=1, s-maxage=3600"}, true},
      {{"Expires: " + date(-10), "Cache-Control: max-age=0, s-maxage=3600"}, true},
      {{"Cache-Control: max-age=3600, no-cache", "ETag: \"a\""}, false},
      {{"Cache-Control: max-age=3600, private"}, false},
      {{"Cache-Control: max-age=3600, No-StOrE"}, false},
      {{"Cache-Control: max-age=3600", "Pragma: no-cache"}, true},
  });
}

TEST(Freshness, counts_the_age_that_a_response_came_with) {
  const std::string now = "Date: " + date(), hour = "Cache-Control: max-age=3600";
  check({
      {{now, hour, "Age: 7200"}, false},
      {{now, hour, "Age: abc"}, true},
      {{now, hour, "Age: -7200"}, true},
      {{now, hour, "Age: 7200.0"}, true},
      {{now, hour, "Age: 2147483647"}, false},
      {{now, hour, "Age: 2147483648"}, false},
      {{now, hour, "Age: 2147483649"}, false},
      {{now, hour, "Age: 99999999999999999999"}, false},
      {{now, hour, "Age: 7200, 0"}, false},
      {{now, hour, "Age: 0, 7200"}, true},
      {{now, hour, "Age: 7200", "Age: 0"}, false},
      {{now, hour, "Age: 0", "Age: 7200"}, true},
      {{now, hour, "Age: 0, 0"}, true},
      {{now, hour, "Age: 0", "Age: 0"}, true},
      {{now, "Cache-Control: max-age=10000", "Age: 3600", "Age: 3600"}, true},
      {{now, hour, "Age: 7200;foo=bar"}, false},
      {{now, hour, "Age: 7200;foo=111"}, false},
      {{now, hour, "Age: "}, true},
  });
}

TEST(Freshness, counts_the_time_since_a_response_was_made_and_how_long_it_took) {
  EXPECT_FALSE(reused({"Date: " + date(-7200), "Cache-Control: max-age=3600"}));
  const auto slow = response({"Cache-Control: max-age=10", "Age: 4"});
  EXPECT_EQ(initial_age_ms(slow->fields, {now_ms - 1500, now_ms}), 5500);
  // A date tells the second only: a response of this very second is new.
  const auto same_second = response({"Date: " + date()});
  EXPECT_EQ(initial_age_ms(same_second->fields, {now_ms + 900, now_ms + 990}), 90);
  EXPECT_EQ(initial_age_ms(same_second->fields, {now_ms + 2000, now_ms + 2000}), 1001);
}

TEST(Freshness, of_expires_is_counted_from_the_date_of_the_response) {
  check({
      {{"Expires: " + date(30 * 86400), "Date: " + date()}, true},
      {{"Expires: " + date(-30 * 86400), "Date: " + date()}, false},
      {{"Expires: " + date(), "Date: " + date()}, false},
      {{"Expires: " + date(300), "Date: " + date(400)}, false},
      {{"Expires: 0", "Date: " + date()}, false},
      {{"Date: foo", "Expires: " + date(10)}, true},
      {{"Expires: " + date(10)}, true},
      {{"Date: " + date(-10), "Expires: " + date(10), "Age: 25"}, false},
      {{"Date: " + date(10), "Expires: " + date(20), "Age: 15"}, false},
  });
}

TEST(Freshness, of_expires_needs_one_of_three_date_forms) {
  const std::string now = "Date: " + date();
  check({
      {{"Expires: Tue, 19 Jan 2038 14:14:08 GMT", now}, true},
      {{"Expires: Sun, 21 Nov 2286 04:46:39 GMT", now}, true},
      {{"Expires: Thursday, 18-Aug-50 02:01:18 GMT", now}, true},
      {{"Expires: Thu Aug  8 02:01:18 2050", now}, true},
      {{"Expires: THU, 18 Aug 2050 02:01:18 GMT", now}, true},
      {{"Expires: Thu, 18 AUG 2050 02:01:18 GMT", now}, true},
      {{"Expires: Thu, 18 Aug 2050 02:01:18 gMT", now}, true},
      {{"Expires: Thu, 18 Aug 2050 02:01:18 UTC", now}, false},
      {{"Expires: Thu, 18 Aug 2050 02:01:18 AEST", now}, false},
      {{"Expires: Thu, 18 Aug 50 02:01:18 GMT", now}, false},
      {{"Expires: Thu 18 Aug 2050 02:01:18 GMT", now}, false},
      {{"Expires: Thu, 18  Aug  2050 02:01:18 GMT", now}, false},
      {{"Expires: Thu, 18-Aug-2050 02:01:18 GMT", now}, false},
      {{"Expires: Thu, 18 Aug 2050 02.01.18 GMT", now}, false},
      {{"Expires: Thu, 18 Aug 2050 2:01:18 GMT", now}, false},
      {{"Expires: Thu, 18 Aug 2050 2:01:18 GMT", "Expires: Thu, 18 Aug 2050 2:01:19 GMT", now}, false},
      {{"Expires: Thu, 18 Aug 2050 02:01:18 GMT", "Expires: Thu, 18 Aug 2050 02:01:18 GMT", now}, false},
  });
}

TEST(Freshness, of_a_targeted_field_leaves_cache_control_and_expires_out) {
  const std::string long_cc = "Cache-Control: max-age=10000", later = "Expires: " + date(10000), now = "Date: " + date();
  check({
      {{"CDN-Cache-Control: max-age=3600"}, true},
      {{"CDN-Cache-Control: max-age=2147483648"}, true},
      {{"CDN-Cache-Control: max-age=99999999999"}, true},
      {{now, "CDN-Cache-Control: max-age=3600", "Age: 7200"}, false},
      {{"Cache-Control: max-age=1", "CDN-Cache-Control: max-age =100"}, false},
      {{"Cache-Control: max-age=1", "CDN-Cache-Control: max-age= 100"}, false},
      {{"CDN-Cache-Control: max-age=0"}, false},
      {{"CDN-Cache-Control: foobar, max-age=3600"}, true},
      {{"CDN-Cache-Control: max-age=3600", "Expires: " + date(-10000), now}, true},
      {{"CDN-Cache-Control: max-age=3600", "Expires: 0", now}, true},
      {{"CDN-Cache-Control: max-age=0", later, now}, false},
      {{"Cache-Control: max-age=1", "CDN-Cache-Control: max-age=3600"}, true},
      {{"Cache-Control: max-age=3600", "CDN-Cache-Control: max-age=1"}, false},
      {{"CDN-Cache-Control: private", long_cc, later, now}, false},
      {{"CDN-Cache-Control: no-cache", long_cc, later, now}, false},
      {{"CDN-Cache-Control: no-store", long_cc, later, now}, false},
      {{"Cache-Control: no-store", "CDN-Cache-Control: max-age=10000"}, true},
      {{"CDN-Cache-Control: max-age=10000, &&&&&", "Cache-Control: no-store"}, false},
      {{"CDN-Cache-Control: max-age=\"10000\"", "Cache-Control: no-store"}, false},
      {{"CDN-Cache-Control: foo", long_cc, later, now}, false},
      {{"CDN-Cache-Control: ", long_cc}, true},
  });
}

TEST(Freshness, is_guessed_from_the_last_modification_for_some_statuses_only) {
  const Lines day_old{"Last-Modified: " + date(-86400), "Date: " + date()};
  for (const std::uint16_t status : {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}) EXPECT_TRUE(reused(day_old, status)) << status;
  for (const std::uint16_t status : {201, 202, 302, 303, 307, 400, 403, 500, 502, 503, 504, 599}) EXPECT_FALSE(reused(day_old, status)) << status;
  EXPECT_TRUE(reused({"Last-Modified: " + date(-86400), "Date: " + date(), "Cache-Control: public"}, 599));
  EXPECT_EQ(judged(day_old).freshness.lifetime_s, 8640U);
  EXPECT_EQ(judged({"Last-Modified: " + date(-86400 * 365)}).freshness.lifetime_s, 86400U);
  EXPECT_EQ(judged({"Last-Modified: " + date(100), "Date: " + date()}).freshness.lifetime_s, 0U);
  Policy without;
  without.heuristic_percent = 0;
  EXPECT_EQ(judged(day_old, 200, without).freshness.lifetime_s, 0U);
}

TEST(Freshness, grows_older_and_tells_what_is_left) {
  const Freshness freshness = judged({"Cache-Control: max-age=60", "Age: 30"}).freshness;
  EXPECT_EQ(freshness.age_s(now_ms), 30U);
  EXPECT_EQ(freshness.age_s(now_ms + 2999), 32U);
  EXPECT_EQ(freshness.ttl_ms(now_ms), 30000);
  EXPECT_EQ(freshness.ttl_ms(now_ms + 40000), -10000);
  EXPECT_TRUE(freshness.fresh(now_ms + 29999));
  EXPECT_FALSE(freshness.fresh(now_ms + 30000));
  EXPECT_EQ(freshness.expires_ms(), now_ms + 30000);
  EXPECT_EQ(freshness.age_s(0), 0U) << "a clock set back";
  EXPECT_EQ(freshness.age_s(now_ms + std::int64_t{3} * 2147483648 * 1000), 2147483648U);
}

// Stale use.

struct StaleRow {
  const char* directives;
  bool while_revalidate, unreachable, server_error;
};

void check_stale(const Policy& policy, std::int64_t seconds_later, std::initializer_list<StaleRow> rows) {
  const std::int64_t later = now_ms + seconds_later * 1000;
  for (const StaleRow& row : rows) {
    const Freshness freshness = judged({std::string("Cache-Control: ") + row.directives, "ETag: \"a\""}, 200, policy).freshness;
    EXPECT_EQ(stale_while_revalidate(freshness, later), row.while_revalidate) << row.directives;
    EXPECT_EQ(stale_in_trouble(freshness, later, Trouble::unreachable), row.unreachable) << row.directives;
    EXPECT_EQ(stale_in_trouble(freshness, later, Trouble::server_error), row.server_error) << row.directives;
  }
}

TEST(StaleUse, is_allowed_by_windows_and_for_a_dead_origin_unless_forbidden) {
  check_stale({}, 5, {
                         {"max-age=2", false, true, false},
                         {"max-age=0", false, true, false},
                         {"max-age=2, must-revalidate", false, false, false},
                         {"max-age=2, proxy-revalidate", false, false, false},
                         {"max-age=2, s-maxage=2", false, false, false},
                         {"max-age=2, no-cache", false, false, false},
                         {"max-age=1, stale-while-revalidate=3600", true, true, false},
                         {"max-age=1, stale-while-revalidate=4", false, true, false},
                         {"max-age=1, stale-while-revalidate=x", false, true, false},
                         {"max-age=2, stale-if-error=60", false, true, true},
                         {"max-age=2, stale-if-error=2", false, false, false},
                         {"max-age=2, stale-if-error=0", false, false, false},
                         {"max-age=1, stale-while-revalidate=60, must-revalidate", false, false, false},
                         {"s-maxage=1, stale-while-revalidate=60, stale-if-error=60", false, false, false},
                         {"public", false, false, false},
                     });
}

TEST(StaleUse, follows_the_policy_where_the_response_is_silent) {
  Policy policy;
  policy.stale_while_revalidate = seconds(10);
  policy.stale_if_error = seconds(20);
  policy.stale_on_dead_origin = false;
  check_stale(policy, 5, {{"max-age=1", true, true, true}, {"max-age=1, must-revalidate", false, false, false},
                          {"max-age=1, stale-while-revalidate=1", false, true, true}});
  check_stale(policy, 15, {{"max-age=1", false, true, true}});
  check_stale(policy, 25, {{"max-age=1", false, false, false}});
  policy.windows_beat_s_maxage = true;
  check_stale(policy, 5, {{"s-maxage=1, stale-while-revalidate=60", true, true, true}, {"s-maxage=1", false, false, false},
                          {"s-maxage=1, must-revalidate, stale-while-revalidate=60", false, false, false}});
}

TEST(StaleUse, ends_at_a_known_time) {
  EXPECT_EQ(useless_after_ms(judged({"Cache-Control: max-age=2, must-revalidate"}).freshness), now_ms + 2000);
  EXPECT_EQ(useless_after_ms(judged({"Cache-Control: max-age=2, stale-if-error=5, stale-while-revalidate=3"}).freshness), now_ms + 7000);
  EXPECT_EQ(useless_after_ms(judged({"Cache-Control: max-age=2"}).freshness), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace gatehouse::cache
