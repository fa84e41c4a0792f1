// Targets and authorities. The table of heads (tests/cases/http1_requests.cases) has many more, as requests.
#include "gateway/http/target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

TEST(Target, in_origin_form_is_path_and_query) {
  const Target t = parse_target("/a/b?c=d?e", false);
  EXPECT_EQ(t.form, TargetForm::origin);
  EXPECT_EQ(t.path, "/a/b");
  EXPECT_EQ(t.query, "c=d?e");
  EXPECT_TRUE(t.has_query);
  EXPECT_FALSE(parse_target("/a", false).has_query);
  EXPECT_TRUE(parse_target("/a?", false).has_query);
}

TEST(Target, in_absolute_form_has_an_authority) {
  const Target t = parse_target("https://[::1]:8443/p?q", false);
  EXPECT_EQ(t.form, TargetForm::absolute);
  EXPECT_EQ(t.scheme, "https");
  EXPECT_EQ(t.authority, "[::1]:8443");
  EXPECT_EQ(t.path, "/p");
  EXPECT_EQ(t.query, "q");
}

TEST(Target, in_asterisk_form_is_for_options_only) {
  EXPECT_EQ(parse_target("*", true).form, TargetForm::asterisk);
  EXPECT_EQ(parse_target("*", false).form, TargetForm::invalid);
  EXPECT_EQ(parse_target("http://a", true).path, "*");
  EXPECT_EQ(parse_target("http://a?", true).path, "/");
  EXPECT_EQ(parse_target("http://a", false).path, "/");
}

TEST(Target, in_authority_form_needs_a_port) {
  EXPECT_EQ(parse_authority_form("a:443").form, TargetForm::authority);
  for (const char* text : {"", "a", "a:", "a:0", ":443", "u@a:443", "a:443/", "http://a:443"}) {
    EXPECT_EQ(parse_authority_form(text).form, TargetForm::invalid) << text;
  }
}

TEST(Target, is_invalid_whatever_byte_it_must_not_have) {
  for (int c = 0; c < 256; ++c) {
    const std::string path = std::string("/a") + static_cast<char>(c) + "b";
    const bool valid = c > 0x20 && c < 0x7f && c != '#' && c != '%';
    EXPECT_EQ(parse_target(path, false).form == TargetForm::origin, valid) << c;
    EXPECT_EQ(valid_query(std::string(1, static_cast<char>(c))), valid || c == '%') << c;
    EXPECT_EQ(valid_path(std::string(1, static_cast<char>(c))), valid && c != '?') << c;
  }
}

TEST(Target, has_whole_percent_codes_in_its_path) {
  EXPECT_TRUE(valid_path("%41%fF%01%10"));
  for (const char* text : {"%", "%4", "%4g", "%g4", "%%41", "a%", "%00", "a%00b", "%+1", "% 1"}) {
    EXPECT_FALSE(valid_path(text)) << text;
    EXPECT_EQ(valid_query(text), std::string_view(text).find(' ') == std::string_view::npos) << text;
  }
}

TEST(Authority, is_split_into_host_and_port) {
  EXPECT_EQ(host_without_port("a.example:80"), "a.example");
  EXPECT_EQ(host_without_port("a.example"), "a.example");
  EXPECT_EQ(host_without_port("a:"), "a");
  EXPECT_EQ(host_without_port("[::1]:80"), "[::1]");
  EXPECT_EQ(host_without_port("[::1]"), "[::1]");
  EXPECT_EQ(port_of("a:8080"), 8080);
  EXPECT_EQ(port_of("[::1]:00080"), 80);
  EXPECT_EQ(port_of("[::1]"), 0);
  EXPECT_EQ(port_of("a:"), 0);
}

TEST(Authority, is_valid_or_not) {
  for (const char* text : {"a", "a.b-c_d~", "1.2.3.4", "a:1", "a:65535", "a:", "[::]", "[fe80::1]:1", "[1:2:3:4:5:6:7:8]", "!$&'()*+,;="}) {
    EXPECT_TRUE(valid_authority(text)) << text;
  }
  for (const char* text : {"", ":", ":1", "a:0", "a:65536", "a:x", "a:1:2", "a b", "a/b", "a@b", "a%20", "[", "[]", "[::1", "::1", "[::1]x",
                           "[::1]:", "[1.2.3.4]", "[::%1]", "[v1.x]", "[[::1]]", "a[::1]", "a]", "\"a\"", "<a>", "a\\b", "a|b"}) {
    EXPECT_EQ(valid_authority(text), std::string_view(text) == "[::1]:") << text;  // an empty port is a port
  }
}

}  // namespace
}  // namespace gatehouse::http
