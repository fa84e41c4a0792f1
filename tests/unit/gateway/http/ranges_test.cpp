// Range and Content-Range: what is understood, what is ignored, what a length makes of it.
#include "gateway/http/ranges.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

std::string resolved(std::string_view value, std::uint64_t length) {
  const auto specs = parse_range(value);
  if (!specs) return "ignored";
  const ByteRanges ranges = resolve(*specs, length);
  if (ranges.ignored) return "whole";
  if (ranges.unsatisfiable()) return "unsatisfiable";
  std::string out;
  for (const ByteRange& range : ranges.all()) {
    out += (out.empty() ? "" : ",") + std::to_string(range.first) + "-" + std::to_string(range.end - 1);
  }
  return out;
}

TEST(Range, is_cut_to_the_length) {
  struct Row {
    const char* value;
    std::uint64_t length;
    const char* expected;
  };
  const Row rows[]{
      {"bytes=0-1", 11, "0-1"},        {"bytes=1-", 11, "1-10"},       {"bytes=-1", 11, "10-10"},       {"bytes=-50", 11, "0-10"},
      {"bytes=5-99", 11, "5-10"},      {"bytes=10-10", 11, "10-10"},   {"bytes=11-", 11, "unsatisfiable"}, {"bytes=-0", 11, "unsatisfiable"},
      {"bytes=11-20,-0", 11, "unsatisfiable"}, {"bytes=0-1, 4-5", 11, "0-1,4-5"}, {"bytes=0-1,99-", 11, "0-1"}, {"bytes=0-0,-1", 11, "0-0,10-10"},
      {"bytes=0-18446744073709551615", 11, "0-10"}, {"bytes=99999999999999999999-", 11, "unsatisfiable"}, {"Bytes=0-1", 11, "0-1"},
      {"bytes= 0-1 ,, 3-4", 11, "0-1,3-4"}, {"bytes=0-", 0, "whole"},
  };
  for (const Row& row : rows) EXPECT_EQ(resolved(row.value, row.length), row.expected) << row.value;
}

TEST(Range, is_joined_with_those_it_overlaps_or_touches_where_the_first_of_them_stood) {
  struct Row {
    const char* value;
    const char* expected;
  };
  const Row rows[]{{"bytes=0-5,3-8", "0-8"},         {"bytes=0-9,-1", "0-9"},           {"bytes=0-1,2-3,5-6", "0-3,5-6"}, {"bytes=5-6,0-1", "5-6,0-1"},
                   {"bytes=8-,0-1,7-8", "7-9,0-1"},  {"bytes=0-1,4-5,2-3", "0-5"},      {"bytes=3-3,3-3", "3-3"},         {"bytes=0-0,99-,2-2", "0-0,2-2"},
                   {"bytes=7-7,5-5,3-3,1-1", "7-7,5-5,3-3,1-1"}};
  for (const Row& row : rows) EXPECT_EQ(resolved(row.value, 10), row.expected) << row.value;
}

TEST(Range, of_more_than_two_that_overlap_or_of_many_in_disorder_gets_the_whole) {
  for (const char* value : {"bytes=0-,0-,0-", "bytes=0-5,3-8,7-9", "bytes=0-1,5-6,1-5,6-7", "bytes=9-9,7-7,5-5,3-3,1-1"}) {
    EXPECT_EQ(resolved(value, 10), "whole") << value;
  }
}

TEST(Range, that_is_malformed_or_of_another_unit_is_ignored) {
  for (const char* value : {"", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-4", "bytes=1-2-3", "bytes=0x1-2",
                            "bytes 0-1", "items=0-1", "bytes=+1-2", "bytes=0-1;q=1", "bytes=1 - 2"}) {
    EXPECT_FALSE(parse_range(value).has_value()) << value;
  }
}

TEST(Range, of_too_many_parts_is_ignored) {
  std::string value = "bytes=0-0";
  for (std::size_t i = 1; i < ranges_max; ++i) value += "," + std::to_string(2 * i) + "-" + std::to_string(2 * i);
  EXPECT_EQ(parse_range(value)->size, ranges_max);
  EXPECT_FALSE(parse_range(value + ",100-100").has_value());
}

TEST(ContentRange, is_read_and_written) {
  std::array<char, content_range_size> out;
  for (const char* value : {"bytes 4-9/10", "bytes 0-0/*", "bytes */10", "bytes 0-4611686018427387902/4611686018427387903"}) {
    const auto range = parse_content_range(value);
    ASSERT_TRUE(range.has_value()) << value;
    EXPECT_EQ(write_content_range(*range, out), value);
  }
  EXPECT_EQ(parse_content_range("bytes 4-9/10")->range, (ByteRange{4, 10}));
  EXPECT_EQ(write_range({5, to_the_end}, out), "bytes=5-");
  EXPECT_EQ(write_range({5, 10}, out), "bytes=5-9");
}

TEST(ContentRange, that_contradicts_itself_is_refused) {
  for (const char* value : {"", "bytes", "bytes 4-9", "bytes 9-4/10", "bytes 4-10/10", "bytes */*", "bytes 4-/10", "bytes -9/10", "items 0-1/2",
                            "bytes a-b/c", "bytes 0-1/1x", "bytes=0-1/2"}) {
    EXPECT_FALSE(parse_content_range(value).has_value()) << value;
  }
}

TEST(ByteRange, knows_what_it_holds) {
  EXPECT_TRUE((ByteRange{0, 10}.holds({0, 10})));
  EXPECT_FALSE((ByteRange{0, 10}.holds({5, 11})));
}

}  // namespace
}  // namespace gatehouse::http
