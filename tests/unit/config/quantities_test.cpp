#include "quantities.hpp"

#include <gtest/gtest.h>

#include "nearest.hpp"

namespace gatehouse::config {
namespace {

using namespace std::chrono_literals;

TEST(Durations, are_whole_numbers_with_a_unit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("1m"), 1min);
  EXPECT_EQ(parse_duration("8h"), 8h);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* bad : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "1h30m", "05s", "5sec", "9223372036854775808ms",
                          "18446744073709551615h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Durations, are_shown_as_they_are_read) {
  for (const char* text : {"250ms", "5s", "90s", "1m", "8h", "0"})
    EXPECT_EQ(show_duration(*parse_duration(text)), text);
  EXPECT_EQ(show_duration(3600s), "1h");
}

TEST(Sizes, have_decimal_and_binary_units) {
  EXPECT_EQ(parse_size("512B"), 512u);
  EXPECT_EQ(parse_size("16KiB"), 16384u);
  EXPECT_EQ(parse_size("256MiB"), 268435456u);
  EXPECT_EQ(parse_size("10GB"), 10'000'000'000u);
  EXPECT_EQ(parse_size("1TiB"), 1ULL << 40);
  EXPECT_EQ(parse_size("0"), 0u);
  for (const char* bad : {"", "1", "1K", "1kb", "1 KiB", "-1B", "1.5MiB", "16777216TiB", "99999999999999999999B"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
}

TEST(Sizes, are_shown_as_they_are_read) {
  for (const char* text : {"512B", "16KiB", "256MiB", "10GB", "1001B", "0"})
    EXPECT_EQ(show_size(*parse_size(text)), text);
  for (const std::uint64_t bytes : {1ULL, 1000ULL, 1024ULL, 1024000ULL, 123456789ULL, ~0ULL}) {
    EXPECT_EQ(parse_size(show_size(bytes)), bytes);
  }
}

TEST(Numbers, are_decimal) {
  EXPECT_EQ(parse_number("12.5"), 12.5);
  EXPECT_EQ(parse_number("100"), 100);
  for (const char* bad : {"", ".5", "5.", "1e3", "-1", "nan", "inf", "1.5.2", "1,5"})
    EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Nearest, finds_what_was_meant) {
  const std::vector<std::string_view> known{"listeners", "target_groups", "regions", "protocol"};
  EXPECT_EQ(nearest("listner", known), "listeners");
  EXPECT_EQ(nearest("portocol", known), "protocol");
  EXPECT_EQ(nearest("TARGET_GROUP", known), "target_groups");
  EXPECT_EQ(nearest("cache", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'a'), known), std::nullopt);
}

TEST(Nearest, says_what_there_is_when_nothing_is_near) {
  EXPECT_EQ(suggestion("regoins", {"regions"}, "keys"), "did you mean 'regions'?");
  EXPECT_EQ(suggestion("x", {"abc", "def"}, "keys"), "keys: abc, def");
  EXPECT_EQ(suggestion("x", {}, "keys"), "");
}

}  // namespace
}  // namespace gatehouse::config
