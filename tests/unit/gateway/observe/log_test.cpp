#include "gateway/observe/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>

namespace gatehouse::observe {
namespace {

std::uint64_t now_ns = 0;
std::uint64_t made_up_clock() { return now_ns; }

class EventLogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::pipe(pipe_), 0);
    now_ns = 1'714'566'896'789'000'000u;
  }
  void TearDown() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  EventLog::Options options(EventFormat format) const {
    EventLog::Options options;
    options.fd = pipe_[1];
    options.format = format;
    options.burst = 3;
    options.window_ms = 1000;
    return options;
  }
  std::string take() {
    char buffer[4096];
    const ssize_t n = ::read(pipe_[0], buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(n)};
  }
  int pipe_[2]{};
};

TEST_F(EventLogTest, text_is_one_readable_line_with_odd_values_quoted) {
  EventLog log(options(EventFormat::text), &made_up_clock);
  log.write(Level::warning, "health", "endpoint is down", {{"endpoint", "10.0.0.1:80"}, {"why", "a \"b\"\nc"}, {"x", ""}});
  EXPECT_EQ(take(),
            "2024-05-01T12:34:56.789Z warning health: endpoint is down endpoint=10.0.0.1:80 why=\"a \\\"b\\\"\\nc\" x=\"\"\n");
}

TEST_F(EventLogTest, json_is_one_object_a_line) {
  EventLog log(options(EventFormat::json), &made_up_clock);
  log.write(Level::info, "reload", "in force", {{"generation", "7"}});
  const auto line = boost::json::parse(take()).as_object();
  EXPECT_EQ(line.at("time").as_string(), "2024-05-01T12:34:56.789Z");
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_EQ(line.at("event").as_string(), "reload");
  EXPECT_EQ(line.at("generation").as_string(), "7");
}

TEST_F(EventLogTest, what_is_below_the_level_is_not_written) {
  EventLog log(options(EventFormat::text), &made_up_clock);
  log.write(Level::debug, "a", "hidden");
  log.write(Level::error, "a", "shown");
  EXPECT_EQ(take().find("hidden"), std::string::npos);
}

TEST_F(EventLogTest, a_kind_that_repeats_is_limited_and_the_rest_is_counted) {
  EventLog log(options(EventFormat::text), &made_up_clock);
  for (int i = 0; i < 10; ++i) log.write(Level::error, "dns", "no answer");
  log.write(Level::error, "other", "is not affected");
  const std::string first = take();
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), 4);
  EXPECT_EQ(log.suppressed(), 7u);
  now_ns += 1'000'000'000u;
  log.write(Level::error, "dns", "no answer");
  EXPECT_NE(take().find("suppressed_before=7"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::observe
