// Dates and status phrases.
#include "gateway/http/date.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <string>

#include "gateway/http/status.hpp"

namespace gatehouse::http {
namespace {

constexpr std::int64_t example = 784111777;  // RFC 9110 5.6.7
constexpr std::int64_t now = 1718100000;     // 2024-06-11

std::string written(std::int64_t seconds) {
  std::array<char, date_size> out;
  write_date(seconds, out);
  return std::string(out.data(), out.size());
}

TEST(Date, is_written_as_imf_fixdate) {
  EXPECT_EQ(written(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(written(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(written(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(written(4102444799), "Thu, 31 Dec 2099 23:59:59 GMT");
}

TEST(Date, agrees_with_the_system_for_two_centuries) {
  for (std::int64_t seconds = 0; seconds < 6'311'433'600; seconds += 86400 * 3 + 12345) {
    const std::time_t time = seconds;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    ASSERT_EQ(written(seconds), text.data());
    ASSERT_EQ(parse_date(text.data(), now), seconds);
  }
}

TEST(Date, of_now_changes_once_a_second) {
  const std::string_view first = date_now(784111777'000'000'000);
  EXPECT_EQ(first, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date_now(784111777'999'999'999), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date_now(784111778'000'000'000), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(first.data(), date_now(784111779'000'000'000).data());
}

TEST(Date, is_read_in_three_formats) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", now), example);
  EXPECT_EQ(parse_date("Wed Nov 16 08:49:37 1994", now), example + 10 * 86400);
}

TEST(Date, is_read_whatever_its_letter_case) {
  for (const char* text : {"sun, 06 nov 1994 08:49:37 gmt", "SUN, 06 NOV 1994 08:49:37 GMT", "sunDAY, 06-noV-94 08:49:37 gMT",
                           "SUN nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_date(text, now), example) << text;
  }
}

TEST(Date, puts_two_digit_years_at_most_fifty_years_ahead) {
  const auto year_2074 = parse_date("Monday, 01-Jan-74 00:00:00 GMT", now);
  const auto year_1975 = parse_date("Wednesday, 01-Jan-75 00:00:00 GMT", now);
  EXPECT_EQ(year_2074, parse_date("Mon, 01 Jan 2074 00:00:00 GMT", now));
  EXPECT_EQ(year_1975, parse_date("Wed, 01 Jan 1975 00:00:00 GMT", now));
}

TEST(Date, is_nothing_when_the_text_is_not_one) {
  for (const char* text : {"", "0", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 29 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 -8:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Foo 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Someday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94  "}) {
    EXPECT_EQ(parse_date(text, now), std::nullopt) << text;
  }
}

TEST(Status, has_a_phrase) {
  EXPECT_EQ(status_reason(200), "OK");
  EXPECT_EQ(status_reason(404), "Not Found");
  EXPECT_EQ(status_reason(431), "Request Header Fields Too Large");
  EXPECT_EQ(status_reason(505), "HTTP Version Not Supported");
  EXPECT_EQ(status_reason(299), "");
  EXPECT_EQ(status_reason(0), "");
}

TEST(Status, forbids_content_where_rfc_9110_does) {
  for (const std::uint16_t status : {100, 101, 103, 199, 204, 304}) EXPECT_TRUE(status_forbids_content(status)) << status;
  for (const std::uint16_t status : {200, 205, 206, 301, 404, 500}) EXPECT_FALSE(status_forbids_content(status)) << status;
}

}  // namespace
}  // namespace gatehouse::http
