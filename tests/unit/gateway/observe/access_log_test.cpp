#include "gateway/observe/access_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

namespace gatehouse::observe {
namespace {

namespace json = boost::json;

class AccessLogTest : public testing::Test {
 protected:
  std::string take() {
    const auto waiting = ring_.waiting();
    std::string text(waiting.data(), waiting.size());
    ring_.consume(waiting.size());
    return text;
  }
  json::object parse_one(const AccessRecord& record) {
    log_.write(record);
    const std::string line = take();
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return json::parse(line).as_object();
  }

  LogBell bell_;
  LogRing ring_{64 * 1024, bell_};
  AccessLog log_{ring_};
};

AccessRecord full() {
  AccessRecord r;
  r.wall_ns = 1'714'566'896'789'012'345u;
  r.request_id = "Root=1-663234f0-0123456789abcdef01234567";
  r.client = "192.0.2.1:50000";
  r.listener = "https";
  r.method = "GET";
  r.host = "shop.example";
  r.path = "/a/b";
  r.query = "q=1&x=%20";
  r.has_query = true;
  r.status = 200;
  r.retries = 1;
  r.bytes_in = 512;
  r.bytes_out = 18446744073709551615u;
  r.route = "10";
  r.target_group = "web";
  r.endpoint = "10.0.0.1:80";
  r.region = "eu-north-1";
  r.duration_ns = 1'234'567;
  r.origin_ns = 999'999;
  r.protocol = "HTTP/1.1";
  r.user_agent = "curl/8";
  r.tls_version = "TLSv1.3";
  return r;
}

TEST_F(AccessLogTest, a_record_becomes_one_line_with_every_field_in_order) {
  log_.write(full());
  EXPECT_EQ(take(),
            "{\"time\":\"2024-05-01T12:34:56.789012Z\",\"request_id\":\"Root=1-663234f0-0123456789abcdef01234567\","
            "\"client\":\"192.0.2.1:50000\",\"listener\":\"https\",\"method\":\"GET\",\"host\":\"shop.example\","
            "\"path\":\"/a/b?q=1&x=%20\",\"status\":200,\"bytes_in\":512,\"bytes_out\":18446744073709551615,"
            "\"route\":\"10\",\"target_group\":\"web\",\"endpoint\":\"10.0.0.1:80\",\"region\":\"eu-north-1\","
            "\"retries\":1,\"cache\":null,\"waf_action\":null,\"reason\":null,\"duration_us\":1234,\"origin_us\":999,"
            "\"protocol\":\"HTTP/1.1\",\"user_agent\":\"curl/8\",\"tls_version\":\"TLSv1.3\"}\n");
}

TEST_F(AccessLogTest, an_empty_record_has_all_the_stable_fields_as_null_and_none_of_the_others) {
  const json::object line = parse_one(AccessRecord());
  for (const char* name : {"time", "request_id", "client", "listener", "method", "host", "path", "status", "bytes_in",
                           "bytes_out", "route", "target_group", "endpoint", "region", "retries", "cache",
                           "waf_action", "reason", "duration_us", "origin_us"}) {
    EXPECT_TRUE(line.contains(name)) << name;
  }
  EXPECT_EQ(line.size(), 20u);
  EXPECT_TRUE(line.at("status").is_null());
  EXPECT_TRUE(line.at("path").is_null());
  EXPECT_TRUE(line.at("origin_us").is_null());
  EXPECT_EQ(line.at("time").as_string(), "1970-01-01T00:00:00.000000Z");
}

TEST_F(AccessLogTest, the_seconds_text_follows_the_clock) {
  AccessRecord r;
  for (const auto& [ns, text] : {std::pair{951'782'399'999'999'999u, "2000-02-28T23:59:59.999999Z"},
                                 std::pair{951'782'400'000'000'000u, "2000-02-29T00:00:00.000000Z"},
                                 std::pair{951'782'399'000'001'000u, "2000-02-28T23:59:59.000001Z"}}) {
    r.wall_ns = ns;
    EXPECT_EQ(parse_one(r).at("time").as_string(), text);
  }
}

TEST_F(AccessLogTest, a_client_cannot_forge_a_line_or_a_field) {
  AccessRecord r = full();
  r.path = "/x\"}\n{\"status\":500,\"path\":\"";
  r.host = "h\r\n\x1b[31m";
  r.user_agent = "\",\"status\":1,\"x\":\"\\";
  const json::object line = parse_one(r);
  EXPECT_EQ(line.at("status").as_int64(), 200);
  EXPECT_EQ(line.at("path").as_string(), "/x\"}\n{\"status\":500,\"path\":\"?q=1&x=%20");
  EXPECT_EQ(line.at("host").as_string(), "h\r\n\x1b[31m");
  EXPECT_EQ(line.at("user_agent").as_string(), "\",\"status\":1,\"x\":\"\\");
}

TEST_F(AccessLogTest, an_empty_query_keeps_its_question_mark) {
  AccessRecord r = full();
  r.query = "";
  EXPECT_EQ(parse_one(r).at("path").as_string(), "/a/b?");
  r.has_query = false;
  EXPECT_EQ(parse_one(r).at("path").as_string(), "/a/b");
}

TEST_F(AccessLogTest, user_agent_and_referer_are_cut_at_1_kib) {
  AccessRecord r = full();
  const std::string lengthy(5000, 'x');
  r.user_agent = lengthy;
  r.referer = lengthy;
  const json::object line = parse_one(r);
  EXPECT_EQ(line.at("user_agent").as_string().size(), 1024u);
  EXPECT_EQ(line.at("referer").as_string().size(), 1024u);
}

TEST_F(AccessLogTest, a_full_ring_drops_whole_lines_and_counts_them) {
  AccessRecord r = full();
  const std::string path(2000, '\xff');
  r.path = path;
  for (int i = 0; i < 100; ++i) log_.write(r);
  const std::string text = take();
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const auto end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos) << "a line was cut";
    EXPECT_NO_THROW(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  EXPECT_GE(lines, 8u);  // 64 KiB hold nine lines of 6.6 KB, less the slack a line asks for
  EXPECT_EQ(lines + ring_.dropped(), 100u);
  log_.write(full());  // there is room again
  EXPECT_NE(take().find("\"status\":200"), std::string::npos);
}

TEST_F(AccessLogTest, lines_go_on_across_the_end_of_the_ring) {
  for (int i = 0; i < 2000; ++i) {
    AccessRecord r = full();
    r.bytes_in = static_cast<std::uint64_t>(i);
    ASSERT_EQ(parse_one(r).at("bytes_in").as_int64(), i);
  }
  EXPECT_EQ(ring_.dropped(), 0u);
}

}  // namespace
}  // namespace gatehouse::observe
