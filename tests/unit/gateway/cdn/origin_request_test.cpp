#include "gateway/cdn/origin_request.hpp"

#include <gtest/gtest.h>

#include "gateway/cdn/request_parts.hpp"
#include "tests/support/made_message.hpp"

namespace gatehouse::cdn {
namespace {

using cache::NameList;
using cache::Selection;
using gatehouse::testing::Lines;
using gatehouse::testing::Made;
using gatehouse::testing::request;

class OriginRequest : public ::testing::Test {
 protected:
  /// The fields of `asked` that go on, as lines, under the rules.
  Lines sent(const Made<http::Request>& asked, const OriginRequestRules& rules, bool storable = true, Encoding encoding = {}) {
    const Viewer viewer{.request = *asked, .client = client_};
    shape_origin_request({rules, encoding, storable, viewer}, *asked, scratch_);
    Lines out;
    for (const http::Field& field : asked->fields.all()) {
      if (!field.dropped) out.push_back(std::string(field.name()) + ": " + std::string(field.value()));
    }
    for (const http::AddedField& field : asked->fields.added()) out.push_back(std::string(field.name) + ": " + std::string(field.value));
    return out;
  }
  std::string parameters(const NameList& list, std::string_view query) {
    const NameList none;
    return std::string(select_parameters({list, none}, query, scratch_));
  }
  std::string cookies(const NameList& list, const Lines& lines) {
    const NameList none;
    return std::string(select_cookies({list, none}, request(lines)->fields, scratch_));
  }
  cache::Key key(const OriginRequestRules& rules, const Made<http::Request>& asked) {
    cache::KeyMaker maker(cache::Secret{});
    add_to_key(rules, {.request = *asked, .client = client_}, scratch_, maker);
    return maker.finish();
  }

  runtime::BufferPool buffers_;
  exchange::Scratch scratch_{buffers_};
  const net::Address client_ = *net::Address::parse("192.0.2.1:4711");
};

TEST_F(OriginRequest, the_key_is_described_as_it_was_keyed) {
  OriginRequestRules rules;
  rules.cloudfront = true;
  rules.key_headers = {Selection::listed, {"accept-language", "x-shop"}};
  rules.key_cookies = {Selection::listed, {"theme", "b"}};
  const auto described = [&](const Lines& lines) {
    const auto asked = request(lines);
    std::string out;
    describe_key(rules, {.request = *asked, .client = client_}, scratch_, out);
    return out;
  };
  EXPECT_EQ(described({"Accept-Language: en", "Cookie: theme=dark; id=1; b=2"}), "header accept-language: en\nheader x-shop\ncookie b=2\ncookie theme=dark\n");
  EXPECT_EQ(described({"X-Shop: a", "x-shop: b", "X-Other: c"}), "header accept-language\nheader x-shop: a\nheader x-shop: b\n");
  rules = {};
  EXPECT_EQ(described({"Accept-Language: en", "Cookie: theme=dark"}), "");
}

TEST_F(OriginRequest, parameters_are_selected_by_name_in_their_order) {
  const NameList some{Selection::listed, {"a", "b"}}, but{Selection::all_but_listed, {"a"}};
  EXPECT_EQ(parameters(some, "b=2&x=1&a=1&a=3"), "b=2&a=1&a=3");
  EXPECT_EQ(parameters(some, "a&b=&&c"), "a&b=");
  EXPECT_EQ(parameters(some, "A=1&%61=2&aa=3"), "");
  EXPECT_EQ(parameters(some, "a=1;b=2;x=3"), "a=1;b=2;x=3");
  EXPECT_EQ(parameters(but, "a=1&b=2&a&c"), "b=2&c");
  EXPECT_EQ(parameters({Selection::all, {}}, "a=1&&b"), "a=1&&b");
  EXPECT_EQ(parameters({}, "a=1"), "");
  EXPECT_EQ(parameters(some, ""), "");
}

TEST_F(OriginRequest, cookies_are_selected_and_sorted) {
  const NameList some{Selection::listed, {"a", "b"}};
  EXPECT_EQ(cookies(some, {"Cookie: z=0; b=2;a=1", "Cookie: b=1"}), "a=1; b=2; b=1");
  EXPECT_EQ(cookies({Selection::all, {}}, {"Cookie: b=1; nothing; =x; a=; ; c=d=e"}), "a=; b=1; c=d=e");
  EXPECT_EQ(cookies({Selection::all_but_listed, {"a"}}, {"Cookie: a=1; A=2"}), "A=2");
  EXPECT_EQ(cookies(some, {"Cookie: "}), "");
  EXPECT_EQ(cookies(some, {}), "");
}

TEST_F(OriginRequest, of_what_may_be_stored_only_what_policies_name_goes_on) {
  OriginRequestRules rules{.cloudfront = true};
  rules.key_headers = {Selection::listed, {"x-shop"}};
  rules.headers = {Selection::listed, {"accept"}};
  const Lines given{"Host: shop.example.com", "X-Shop: 1", "Accept: a", "Referer: r", "X-Other: 2", "Authorization: b", "User-Agent: me",
                    "CloudFront-Viewer-Country: XX", "If-None-Match: \"1\"", "Cookie: a=1", "Accept-Encoding: gzip", "X-Forwarded-For: 192.0.2.7"};
  const Made<http::Request> asked = request(given);
  const Lines wanted{"Host: shop.example.com", "X-Shop: 1", "Accept: a", "If-None-Match: \"1\"", "X-Forwarded-For: 192.0.2.7",
                     "User-Agent: Amazon CloudFront"};
  EXPECT_EQ(sent(asked, rules), wanted);
  EXPECT_FALSE(asked->has_query);
  EXPECT_EQ(asked->query, "");
}

TEST_F(OriginRequest, of_what_is_not_stored_strangers_go_on_as_well) {
  const OriginRequestRules rules{.cloudfront = true};
  const Lines given{"X-Other: 2", "Authorization: b", "Accept: a", "Accept-Language: de", "Accept-Charset: x", "Referer: r", "X-Real-IP: 1", "X-Edge-A: 1",
                    "X-HTTP-Method-Override: PUT", "Content-Language: de", "CloudFront-Is-Mobile-Viewer: true"};
  EXPECT_EQ(sent(request(http::Method::post, "POST", given), rules, false),
            (Lines{"X-Other: 2", "Authorization: b", "Content-Language: de", "User-Agent: Amazon CloudFront"}));
  EXPECT_EQ(sent(request(given), rules, false), (Lines{"X-Other: 2", "Content-Language: de", "User-Agent: Amazon CloudFront"}));
}

TEST_F(OriginRequest, either_policy_may_name_a_part) {
  OriginRequestRules rules{.cloudfront = true};
  rules.key_cookies = {Selection::listed, {"a"}};
  rules.cookies = {Selection::all_but_listed, {"a", "b"}};
  rules.key_queries = {Selection::listed, {"q"}};
  rules.queries = {Selection::listed, {"r"}};
  Made<http::Request> asked = request({"Cookie: c=3; b=2; a=1"});
  asked->query = "s=1&r=2&q=3";
  EXPECT_EQ(sent(asked, rules), (Lines{"Cookie: a=1; c=3", "User-Agent: Amazon CloudFront"}));
  EXPECT_EQ(asked->query, "r=2&q=3");
}

TEST_F(OriginRequest, what_the_gateway_says_of_the_client_is_added) {
  OriginRequestRules rules{.cloudfront = true};
  rules.viewer_headers = {ViewerHeader::forwarded_proto, ViewerHeader::address, ViewerHeader::country};
  const Lines out = sent(request({"CloudFront-Viewer-Address: 203.0.113.9:1"}), rules);
  EXPECT_EQ(out, (Lines{"CloudFront-Forwarded-Proto: http", "CloudFront-Viewer-Address: 192.0.2.1:4711", "User-Agent: Amazon CloudFront"}));
}

TEST_F(OriginRequest, a_keyed_accept_encoding_goes_on_as_the_key_has_it) {
  const OriginRequestRules rules{.cloudfront = true};
  Encoding encoding{.keyed = true};
  EXPECT_EQ(sent(request({"Accept-Encoding: x, deflate"}), rules, true, encoding), (Lines{"Accept-Encoding: identity", "User-Agent: Amazon CloudFront"}));
  EXPECT_EQ(sent(request({}), rules, true, encoding), (Lines{"User-Agent: Amazon CloudFront"}));
  encoding.codings.insert(Coding::br);
  EXPECT_EQ(sent(request({"Accept-Encoding: br, x"}), rules, true, encoding), (Lines{"Accept-Encoding: br", "User-Agent: Amazon CloudFront"}));
  Made<http::Request> old = request({"Accept-Encoding: br"});
  old->version_minor = 0;
  EXPECT_EQ(sent(old, rules, true, encoding), (Lines{"User-Agent: Amazon CloudFront"}));
}

TEST_F(OriginRequest, the_key_tells_apart_what_the_cache_policy_lists) {
  OriginRequestRules rules{.cloudfront = true};
  rules.key_headers = {Selection::listed, {"x-a", "x-b"}};
  rules.key_cookies = {Selection::listed, {"id"}};
  const cache::Key one = key(rules, request({"X-A: 1", "X-B: 2", "Cookie: id=1"}));
  EXPECT_EQ(one, key(rules, request({"X-B: 2", "Cookie: other=1; id=1", "x-a: 1", "X-C: 3"})));
  for (const Lines& other : {Lines{"X-A: 1", "X-B: 2"}, Lines{"X-A: 2", "X-B: 1", "Cookie: id=1"}, Lines{"X-A: 1", "Cookie: id=1"},
                             Lines{"X-A: 1", "X-B: 2", "X-B: 2", "Cookie: id=1"}, Lines{"X-A: 1", "X-B: ", "Cookie: id=1"},
                             Lines{"X-A: 12", "X-B: ", "Cookie: id=1"}}) {
    EXPECT_NE(one, key(rules, request(other))) << ::testing::PrintToString(other);
  }
  EXPECT_NE(one, key(rules, request(http::Method::options, "OPTIONS", {"X-A: 1", "X-B: 2", "Cookie: id=1"})));
}

TEST_F(OriginRequest, without_a_profile_of_its_own_an_origin_request_policy_alone_decides) {
  OriginRequestRules rules;
  rules.headers = {Selection::listed, {"accept"}};
  rules.queries = {Selection::all, {}};
  const Made<http::Request> asked = request({"Accept: a", "X-Other: 2", "User-Agent: me"});
  EXPECT_EQ(sent(asked, rules), (Lines{"Accept: a"}));
  EXPECT_EQ(asked->query, "q=1");
}

}  // namespace
}  // namespace gatehouse::cdn
