#include "gateway/cdn/sigv4.hpp"

#include <gtest/gtest.h>

#include "gateway/tls/digest.hpp"

namespace gatehouse::cdn {
namespace {

// The credentials of AWS's own examples.
const Sigv4Signer signer({"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3"});
constexpr std::int64_t may_24_2013 = 1369353600;

std::string canonical(const Sigv4Request& request) {
  std::string out;
  append_canonical_request(request, out);
  return out;
}

/// The second and third line of the canonical request.
std::string canonical_target(std::string_view path, std::string_view query, std::string_view prefix = {}) {
  const std::string text = canonical({"GET", prefix, path, query, {}, empty_payload});
  return text.substr(4, text.find("\n\n") - 4);
}

TEST(Sigv4, time_is_utc) {
  const auto text = [](std::int64_t at) {
    const Sigv4Time time = sigv4_time(at);
    return std::string(time.data(), time.size());
  };
  EXPECT_EQ(text(may_24_2013), "20130524T000000Z");
  EXPECT_EQ(text(0), "19700101T000000Z");
  EXPECT_EQ(text(1709251199), "20240229T235959Z");
  EXPECT_EQ(text(1709251200), "20240301T000000Z");
}

TEST(Sigv4, signs_the_example_of_a_ranged_get) {
  const Sigv4Field fields[] = {{"host", "examplebucket.s3.amazonaws.com"},
                               {"range", "bytes=0-9"},
                               {"x-amz-content-sha256", empty_payload},
                               {"x-amz-date", "20130524T000000Z"}};
  const Sigv4Request request{"GET", "", "/test.txt", "", fields, empty_payload};
  const auto hash = tls::hex(tls::sha256(canonical(request)));
  EXPECT_EQ(std::string(hash.data(), hash.size()), "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
  std::string value = "overwritten";
  signer.sign(request, sigv4_time(may_24_2013), value);
  EXPECT_EQ(value, "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                   "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                   "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Sigv4, has_the_method_and_the_payload_in_what_is_signed) {
  const Sigv4Field fields[] = {{"host", "h"}, {"x-amz-date", "d"}};
  EXPECT_EQ(canonical({"PUT", "", "/a", "", fields, unsigned_payload}), "PUT\n/a\n\nhost:h\nx-amz-date:d\n\nhost;x-amz-date\nUNSIGNED-PAYLOAD");
}

TEST(Sigv4, encodes_a_path_once_whatever_form_it_came_in) {
  EXPECT_EQ(canonical_target("/a/b", ""), "/a/b");
  EXPECT_EQ(canonical_target("/b", "", "/a"), "/a/b");
  EXPECT_EQ(canonical_target("/(a)!$&'*+,;=:@", ""), "/%28a%29%21%24%26%27%2A%2B%2C%3B%3D%3A%40");
  EXPECT_EQ(canonical_target("/%28a%29%2B%7e%2d%41", ""), "/%28a%29%2B~-A");
  EXPECT_EQ(canonical_target("/%C3%A4%c3%a4", ""), "/%C3%A4%C3%A4");
  EXPECT_EQ(canonical_target("/a//b/./../c%2Fd", ""), "/a//b/./../c/d");  // a key, not a path of a file system
  EXPECT_EQ(canonical_target("/100%25", ""), "/100%25");
}

TEST(Sigv4, sorts_the_query_and_gives_every_name_a_value) {
  EXPECT_EQ(canonical_target("/", "acl"), "/\nacl=");
  EXPECT_EQ(canonical_target("/", "b=2&a=1&a=0&B=3"), "/\nB=3&a=0&a=1&b=2");
  EXPECT_EQ(canonical_target("/", "prefix=a/b%2fc&x=a+b%20c"), "/\nprefix=a%2Fb%2Fc&x=a%20b%20c");
  EXPECT_EQ(canonical_target("/", "a=b=c&&d"), "/\na=b%3Dc&d=");
  EXPECT_EQ(canonical_target("/", "discount=100%&x=%4"), "/\ndiscount=100%25&x=%254");
  EXPECT_EQ(canonical_target("/", "a-b=1&a=2"), "/\na=2&a-b=1");
}

}  // namespace
}  // namespace gatehouse::cdn
