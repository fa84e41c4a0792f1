#include "gateway/cli/waf_auth.hpp"

#include <gtest/gtest.h>

namespace gatehouse::cli {
namespace {

WafRequest call(WafFields fields, std::string target = "/waf") {
  WafRequest request;
  request.target = std::move(target);
  request.client = "192.0.2.1";
  request.fields = std::move(fields);
  return request;
}

TEST(DescribedRequest, comes_from_the_fields_that_describe_it) {
  const WafRequest request = described_request(call({{"Host", "authority"}, {"X-Forwarded-Method", "PUT"}, {"X-Forwarded-Uri", "/a?b=c"},
                                                     {"X-Forwarded-Host", "shop"}, {"X-Forwarded-For", "203.0.113.7"}, {"Cookie", "s=1"}}), "");
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.client, "203.0.113.7");
  EXPECT_EQ(request.fields, (WafFields{{"Host", "shop"}, {"Cookie", "s=1"}, {"Content-Length", "0"}}));
}

TEST(DescribedRequest, is_found_in_the_forms_of_nginx_and_ingress_controllers) {
  EXPECT_EQ(described_request(call({{"X-Original-URI", "/x?y"}}), "").target, "/x?y");
  EXPECT_EQ(described_request(call({{"X-Original-URL", "https://shop.example.com/x?y"}}), "").target, "/x?y");
  EXPECT_EQ(described_request(call({{"X-Original-URL", "https://shop.example.com"}}), "").target, "/");
  EXPECT_EQ(described_request(call({{"X-Original-Method", "DELETE"}}), "").method, "DELETE");
  EXPECT_EQ(described_request(call({{"X-Real-IP", "2001:db8::1"}, {"X-Forwarded-For", "192.0.2.9"}}), "").client, "2001:db8::1");
}

TEST(DescribedRequest, is_the_call_itself_below_a_prefix) {
  EXPECT_EQ(described_request(call({}, "/authorize/a/b?c"), "/authorize").target, "/a/b?c");
  EXPECT_EQ(described_request(call({}, "/authorize"), "/authorize").target, "/");
  EXPECT_EQ(described_request(call({}, "/other"), "/authorize").target, "/other");
  // A described target is the request's own and has no prefix.
  EXPECT_EQ(described_request(call({{"X-Forwarded-Uri", "/authorize/x"}}), "/authorize").target, "/authorize/x");
}

TEST(DescribedRequest, takes_the_last_address_of_a_list_and_none_that_is_no_address) {
  EXPECT_EQ(described_request(call({{"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}}), "").client, "203.0.113.7");
  EXPECT_EQ(described_request(call({{"X-Forwarded-For", "unknown"}}), "").client, "192.0.2.1");
}

TEST(DescribedRequest, has_a_length_where_its_method_has_content_that_was_not_sent_along) {
  WafRequest post = call({{"X-Forwarded-Method", "POST"}, {"Content-Length", "17"}});
  EXPECT_EQ(*described_request(post, "").find("content-length"), "0");
  post.body = "content";
  EXPECT_EQ(*described_request(post, "").find("content-length"), "17");
}

}  // namespace
}  // namespace gatehouse::cli
