// What a change makes invalid: methods, statuses, and the URIs that a response names.
#include "gateway/cache/invalidation.hpp"

#include <gtest/gtest.h>

#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using http::Method;
using testing::Lines;
using testing::request;
using testing::response;

constexpr Origin origin{"http", "Example.com:8080"};

TEST(Invalidation, follows_every_method_that_is_not_known_to_be_safe) {
  for (const auto& [method, name] : {std::pair(Method::post, "POST"), std::pair(Method::put, "PUT"), std::pair(Method::delete_, "DELETE"),
                                     std::pair(Method::other, "M-SEARCH")}) {
    for (const std::uint16_t status : {200, 201, 204, 302, 303}) EXPECT_TRUE(invalidates(*request(method, name), status)) << name << status;
    for (const std::uint16_t status : {103, 400, 404, 500, 503}) EXPECT_FALSE(invalidates(*request(method, name), status)) << name << status;
  }
  EXPECT_FALSE(invalidates(*request(Method::get, "GET"), 200));
  EXPECT_FALSE(invalidates(*request(Method::other, "PROPFIND"), 200));
}

std::string resolved(const char* reference) {
  const auto asked = request();  // /dir/page?q=1
  SameOriginTarget target;
  if (!resolve(reference, origin, *asked, target)) return "no";
  return target.path + (target.has_query ? "?" + target.query : "");
}

TEST(Invalidation, resolves_references_against_the_target) {
  struct Row {
    const char* reference;
    const char* expected;
  };
  for (const Row& row : {Row{"location_target", "/dir/location_target"}, Row{"/a/b", "/a/b"}, Row{"/a/../b?x=1#frag", "/b?x=1"},
                         Row{"../up", "/up"}, Row{"../../../up", "/up"}, Row{"?z", "/dir/page?z"}, Row{"", "/dir/page?q=1"}, Row{"#f", "/dir/page?q=1"},
                         Row{"//example.COM:8080/x", "/x"}, Row{"HTTP://example.com:8080", "/"}, Row{"http://example.com:8080?y", "/?y"},
                         Row{"./a:b", "/dir/a:b"}, Row{" /a ", "/a"}, Row{"/a?", "/a?"}}) {
    EXPECT_EQ(resolved(row.reference), row.expected) << row.reference;
  }
}

TEST(Invalidation, takes_nothing_of_another_origin_and_nothing_malformed) {
  for (const char* reference : {"https://example.com:8080/x", "http://example.com/x", "http://evil.example:8080/x", "//evil/x", "mailto:a@b",
                                "http:x", "http:/x", "javascript:alert(1)", "http://user@example.com:8080/x", "/a b", "/%zz", "/a\xc3\xa4",
                                "http://example.com:8080\\@evil/x", "a:b"}) {
    EXPECT_EQ(resolved(reference), "no") << reference;
  }
}

TEST(Invalidation, knows_default_ports) {
  const auto asked = request();
  SameOriginTarget target;
  EXPECT_TRUE(resolve("https://a:443/x", {"https", "a"}, *asked, target));
  EXPECT_TRUE(resolve("https://a/x", {"https", "a:443"}, *asked, target));
  EXPECT_TRUE(resolve("http://[::1]:80/x", {"http", "[::1]"}, *asked, target));
  EXPECT_FALSE(resolve("https://a:80/x", {"https", "a"}, *asked, target));
}

TEST(Invalidation, reaches_location_and_content_location) {
  const auto asked = request(Method::post, "POST");
  std::array<SameOriginTarget, 2> targets;
  const auto both = response({"Location: location_target", "Content-Location: /other?x"});
  ASSERT_EQ(other_targets(*asked, *both, origin, targets), 2U);
  EXPECT_EQ(targets[0].path, "/dir/location_target");
  EXPECT_EQ(targets[1].path, "/other");
  EXPECT_EQ(targets[1].query, "x");
  const auto foreign = response({"Location: http://elsewhere/", "Content-Location: /other"});
  ASSERT_EQ(other_targets(*asked, *foreign, origin, targets), 1U);
  EXPECT_EQ(targets[0].path, "/other");
  EXPECT_EQ(other_targets(*asked, *response(), origin, targets), 0U);
}

TEST(PostAnswer, stands_for_a_get_when_it_says_so) {
  const auto post = request(Method::post, "POST");
  for (const char* same : {"/dir/page?q=1", "page?q=1", "", "http://example.com:8080/dir/page?q=1"}) {
    EXPECT_TRUE(post_answers_get(*post, *response({std::string("Content-Location: ") + same}), origin)) << same;
  }
  for (const char* other : {"/dir/page", "/dir/page?q=2", "/other?q=1", "http://elsewhere/dir/page?q=1"}) {
    EXPECT_FALSE(post_answers_get(*post, *response({std::string("Content-Location: ") + other}), origin)) << other;
  }
  EXPECT_FALSE(post_answers_get(*post, *response(), origin));
  EXPECT_FALSE(post_answers_get(*request(Method::put, "PUT"), *response({"Content-Location: page?q=1"}), origin));
}

}  // namespace
}  // namespace gatehouse::cache
