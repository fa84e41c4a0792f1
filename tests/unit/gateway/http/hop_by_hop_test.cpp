// What ends at the gateway, and what a client cannot make it drop.
#include "gateway/http/hop_by_hop.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

/// A message made of `name: value` lines.
template <class Message>
struct Made {
  explicit Made(std::vector<std::string> given) : lines(std::move(given)), message(std::make_unique<Message>()) {
    message->fields.clear();
    for (std::string& line : lines) {
      line += "\r\n";
      Field field;
      field.line = line.data();
      field.name_size = static_cast<std::uint16_t>(line.find(':'));
      field.value_offset = static_cast<std::uint16_t>(field.name_size + 2);
      field.value_size = static_cast<std::uint32_t>(line.size() - field.value_offset - 2);
      field.kind = field_kind(field.name());
      message->fields.push(field);
    }
  }
  std::string kept() {
    drop_hop_by_hop(*message);
    std::string names;
    for (const Field& field : message->fields.all()) {
      if (!field.dropped) names += std::string(field.name()) + " ";
    }
    return names;
  }
  std::vector<std::string> lines;
  std::unique_ptr<Message> message;
};
using Req = Made<Request>;
using Res = Made<Response>;

TEST(HopByHop, fields_of_the_connection_end_here) {
  EXPECT_EQ(Req({"Host: a", "Connection: keep-alive", "Keep-Alive: 5", "Proxy-Connection: x", "TE: trailers", "Upgrade: h2c",
                 "Transfer-Encoding: chunked", "HTTP2-Settings: x", "Accept: */*"})
                .kept(),
            "Host Accept ");
}

TEST(HopByHop, fields_between_a_client_and_its_proxy_end_here) {
  EXPECT_EQ(Req({"Proxy-Authorization: Basic x", "Authorization: Basic y"}).kept(), "Authorization ");
  EXPECT_EQ(Res({"Proxy-Authenticate: Basic", "Proxy-Authentication-Info: x", "WWW-Authenticate: Basic"}).kept(), "WWW-Authenticate ");
}

TEST(HopByHop, fields_that_connection_names_end_here) {
  EXPECT_EQ(Req({"Connection: X-Hop, close", "x-hop: 1", "X-HOP: 2", "X-Other: 3", "Connection: x-more", "X-More: 4"}).kept(), "X-Other ");
  EXPECT_EQ(Res({"Connection: x-hop", "X-Hop: 1", "X-End: 2"}).kept(), "X-End ");
}

TEST(HopByHop, connection_cannot_strip_what_is_meant_for_the_whole_chain) {
  const std::vector<std::string> relied_on{
      "Host", "Content-Length", "Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "Cache-Control",
      "Content-Type", "Range", "If-Match", "X-Request-Id", "X-Amzn-Trace-Id", "X-Amzn-Oidc-Data", "X-Real-IP", "True-Client-IP",
      "X-Forwarded-Client-Cert", "CloudFront-Viewer-Country", "Sec-Fetch-Site", "X-Original-Url"};
  for (const std::string& name : relied_on) {
    EXPECT_EQ(Req({"Connection: close, " + name, name + ": 1"}).kept(), name + " ") << name;
  }
}

TEST(HopByHop, connection_options_in_quotes_name_nothing) {
  EXPECT_EQ(Req({"Connection: \"x-a, x-b\"", "X-A: 1", "X-B: 2"}).kept(), "X-A X-B ");
}

TEST(HopByHop, trailer_stays_with_chunked_content_only) {
  Req counted({"Trailer: X-Sum"});
  EXPECT_EQ(counted.kept(), "");
  Req chunked({"Trailer: X-Sum"});
  chunked.message->body.kind = BodyKind::chunked;
  EXPECT_EQ(chunked.kept(), "Trailer ");
}

TEST(HopByHop, looks_at_a_bounded_number_of_options) {
  std::string options = "Connection: x-last";
  for (int i = 0; i < 500; ++i) options = "Connection: x" + std::to_string(i) + "," + options.substr(12);
  EXPECT_EQ(Req({options, "X499: 1", "X-Last: 2"}).kept(), "X-Last ");
}

TEST(HopByHop, tells_who_takes_trailers) {
  EXPECT_TRUE(accepts_trailers(Req({"TE: deflate;q=0.5, Trailers"}).message->fields));
  EXPECT_FALSE(accepts_trailers(Req({"TE: deflate"}).message->fields));
  EXPECT_FALSE(accepts_trailers(Req({"X: trailers"}).message->fields));
}

}  // namespace
}  // namespace gatehouse::http
