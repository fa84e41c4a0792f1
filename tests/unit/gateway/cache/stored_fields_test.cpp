// Which fields are stored, the Age of a reused response, Cache-Status, and the names for purges.
#include "gateway/cache/stored_fields.hpp"

#include <gtest/gtest.h>

#include "gateway/cache/cache_status.hpp"
#include "gateway/cache/tags.hpp"
#include "gateway/http/hop_by_hop.hpp"
#include "gateway/http/structured_field.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using testing::Lines;
using testing::now_ms;
using testing::request;
using testing::response;

std::vector<std::string> stored(Lines lines, const Policy& policy = {}) {
  const auto answer = response(std::move(lines));
  http::drop_hop_by_hop(*answer);
  const Storing storing = judge(policy, *request(), *answer, {now_ms, now_ms});
  std::vector<StoredField> fields{{"left", "over"}};
  fields_to_store(*answer, storing, fields);
  std::vector<std::string> out;
  for (const StoredField& field : fields) {
    EXPECT_EQ(field.kind, http::field_kind(field.name));
    out.push_back(std::string(field.name) + ": " + std::string(field.value));
  }
  return out;
}

TEST(StoredFields, are_all_that_is_not_of_one_hop) {
  for (const char* line : {"Test-Header: x", "Content-Foo: x", "Content-Encoding: gzip", "Content-Length: 36", "Content-Location: /foo", "Content-Range: x",
                           "Content-Type: text/plain", "Clear-Site-Data: cache", "ETag: \"abcdef\"", "Public-Key-Pins: x", "Set-Cookie: a=b",
                           "Set-Cookie2: a=b", "X-XSS-Protection: 1", "Date: x", "Expires: x"}) {
    EXPECT_EQ(stored({"Cache-Control: max-age=3600", line}), (std::vector<std::string>{"Cache-Control: max-age=3600", line}));
  }
  for (const char* line : {"Connection: close", "Keep-Alive: 5", "Proxy-Authenticate: x", "Proxy-Authentication-Info: x", "Proxy-Authorization: x",
                           "Proxy-Connection: x", "TE: x", "Transfer-Encoding: chunked", "Upgrade: x", "Age: 5"}) {
    EXPECT_EQ(stored({"Cache-Control: max-age=3600", line}), std::vector<std::string>{"Cache-Control: max-age=3600"}) << line;
  }
}

TEST(StoredFields, are_not_those_that_connection_names) {
  EXPECT_EQ(stored({"Connection: a, b", "a: 1", "b: 2", "c: 3"}), std::vector<std::string>{"c: 3"});
}

TEST(StoredFields, are_not_those_that_private_and_no_cache_name) {
  const std::string named = "Cache-Control: no-cache=\"a, B\", private=\"x\"";
  EXPECT_EQ(stored({named, "A: 1", "b: 2", "X: 4", "c: 3"}), (std::vector<std::string>{named, "c: 3"}));
}

TEST(StoredFields, lose_set_cookie_where_the_policy_strips_it) {
  Policy policy;
  policy.set_cookie = SetCookieRule::strip;
  EXPECT_EQ(stored({"Cache-Control: max-age=9", "Set-Cookie: a=b"}, policy), std::vector<std::string>{"Cache-Control: max-age=9"});
}

TEST(StoredFields, may_lack_a_date) {
  EXPECT_TRUE(lacks_date(std::vector<StoredField>{{"A", "1", http::FieldKind::other}}));
  EXPECT_FALSE(lacks_date(std::vector<StoredField>{{"Date", "1", http::FieldKind::date}}));
}

TEST(Age, of_a_reused_response_goes_on_from_what_it_came_with) {
  const auto answer = response({"Cache-Control: max-age=3600", "Age: 30"});
  const Freshness freshness = judge({}, *request(), *answer, {now_ms - 400, now_ms}).freshness;
  std::array<char, age_text_size> out;
  EXPECT_EQ(age_text(freshness, now_ms, out), "30");
  EXPECT_EQ(age_text(freshness, now_ms + 3000, out), "33");
  EXPECT_EQ(age_text(freshness, now_ms + 3600, out), "34");
  EXPECT_EQ(age_text(freshness, std::int64_t{1} << 60, out), "2147483648");
}

// Cache-Status (RFC 9211).

std::string written(const CacheStatus& status) {
  std::array<char, cache_status_size> out;
  const std::string text(write_cache_status(status, out));
  EXPECT_TRUE(http::valid_sf_list(text)) << text;
  return text;
}

TEST(CacheStatus, tells_of_hits_and_of_why_a_request_was_forwarded) {
  EXPECT_EQ(written({}), "gatehouse; hit");
  CacheStatus hit;
  hit.has_ttl = true, hit.ttl_s = -412, hit.detail = "stale-while-revalidate";
  EXPECT_EQ(written(hit), "gatehouse; hit; ttl=-412; detail=stale-while-revalidate");
  CacheStatus miss;
  miss.forward = Forward::uri_miss, miss.stored = true, miss.collapsed = true, miss.has_ttl = true, miss.ttl_s = 60;
  EXPECT_EQ(written(miss), "gatehouse; fwd=uri-miss; stored; collapsed; ttl=60");
  CacheStatus stale;
  stale.forward = Forward::stale, stale.forward_status = 304, stale.key = "/a?\"b\\";
  EXPECT_EQ(written(stale), "gatehouse; fwd=stale; fwd-status=304; key=\"/a?\\\"b\\\\\"");
  const std::pair<Forward, const char*> rows[]{{Forward::bypass, "bypass"}, {Forward::method, "method"}, {Forward::vary_miss, "vary-miss"},
                                               {Forward::miss, "miss"}, {Forward::request, "request"}, {Forward::partial, "partial"}};
  for (const auto& [forward, name] : rows) {
    CacheStatus status;
    status.forward = forward;
    EXPECT_EQ(written(status), std::string("gatehouse; fwd=") + name);
  }
}

TEST(CacheStatus, holds_the_longest_of_everything) {
  const std::string key(1000, '"'), word(64, 'd');
  CacheStatus status;
  status.cache = word, status.forward = Forward::vary_miss, status.forward_status = 65535, status.stored = status.collapsed = true;
  status.has_ttl = true, status.ttl_s = std::numeric_limits<std::int64_t>::min(), status.key = key, status.detail = word;
  const std::string text = written(status);
  EXPECT_TRUE(text.ends_with("; detail=" + word)) << text;
}

// Tags and groups.

std::vector<std::string> names(std::span<const std::string_view> views) { return {views.begin(), views.end()}; }

TEST(Tags, are_parted_by_blanks_or_commas_over_all_lines) {
  const auto answer = response({"Surrogate-Key: a  b", "surrogate-key: b c", "Cache-Tag: x y, z ,,w"});
  Tags tags;
  collect_tags(answer->fields, "surrogate-key", TagSyntax::blanks, tags);
  EXPECT_EQ(names(tags.all()), (std::vector<std::string>{"a", "b", "c"}));
  collect_tags(answer->fields, "Cache-Tag", TagSyntax::commas, tags);
  EXPECT_EQ(names(tags.all()), (std::vector<std::string>{"a", "b", "c", "z", "w"}));
  EXPECT_EQ(tags.left_out, 1U) << "a tag has no blanks";
}

TEST(Tags, are_bounded_in_number_and_size) {
  std::string many = "Cache-Tag: " + std::string(257, 'l') + "," + std::string(256, 'm');
  for (int i = 0; i < 60; ++i) many += ",t" + std::to_string(i);
  const auto answer = response({many});
  Tags tags;
  collect_tags(answer->fields, "cache-tag", TagSyntax::commas, tags);
  EXPECT_EQ(tags.size, tags_max);
  EXPECT_EQ(tags.left_out, 12U);
  EXPECT_EQ(tags.names[0].size(), 256U);
}

TEST(Groups, are_lists_of_strings) {
  const auto answer = response({"Cache-Groups: \"scripts\", \"Eins zwei\";p=1", "Cache-Groups: \"scripts\", \"b\\\"c\"", "Cache-Groups: token",
                                "Cache-Groups: \"x\", 1", "Cache-Groups: \"broken", "Cache-Group-Invalidation: \"eurovision-results\", \"kylie\""});
  EXPECT_EQ(names(cache_groups(answer->fields).all()), (std::vector<std::string>{"scripts", "Eins zwei", "b\\\"c"}));
  EXPECT_EQ(names(invalidated_groups(answer->fields).all()), (std::vector<std::string>{"eurovision-results", "kylie"}));
  std::string many = "Cache-Groups: \"g\"";
  for (int i = 0; i < 40; ++i) many += ", \"g" + std::to_string(i) + "\"";
  const auto crowded = response({many});
  EXPECT_EQ(cache_groups(crowded->fields).size, groups_max);
  EXPECT_EQ(cache_groups(crowded->fields).left_out, 9U);
}

}  // namespace
}  // namespace gatehouse::cache
