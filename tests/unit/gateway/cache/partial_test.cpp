// Partial content: cutting a stored whole, keeping parts, joining them.
#include "gateway/cache/partial.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/made_message.hpp"

namespace gatehouse::cache {
namespace {

using http::ByteRange;
using testing::date;
using testing::kept;
using testing::Lines;
using testing::request;
using testing::response;
using Parts = std::vector<ByteRange>;

Cut cut_of(Lines lines, std::uint64_t length) {
  const auto asked = request(std::move(lines));
  return cut(*asked, length);
}

TEST(Cut, takes_one_range_out_of_a_whole) {
  struct Row {
    const char* range;
    ByteRange expected;
  };
  for (const Row& row : {Row{"Range: bytes=0-1", {0, 2}}, Row{"Range: bytes=1-", {1, 11}}, Row{"Range: bytes=-1", {10, 11}}}) {
    const Cut made = cut_of({row.range}, 11);
    EXPECT_EQ(made.answer, RangeAnswer::one_part) << row.range;
    EXPECT_EQ(made.ranges.ranges[0], row.expected) << row.range;
  }
}

TEST(Cut, answers_the_whole_where_a_range_is_ignored) {
  for (const Lines& lines : {Lines{}, Lines{"Range: items=0-1"}, Lines{"Range: bytes=0-1", "Range: bytes=2-3"}, Lines{"Range: bytes=0-5,2-3,3-4"}}) {
    EXPECT_EQ(cut_of(lines, 11).answer, RangeAnswer::whole);
  }
  EXPECT_EQ(cut(*request(http::Method::head, "HEAD", {"Range: bytes=0-1"}), 11).answer, RangeAnswer::whole);
  EXPECT_EQ(cut_of({"Range: bytes=11-"}, 11).answer, RangeAnswer::unsatisfiable);
  EXPECT_EQ(cut_of({"Range: bytes=0-1,5-6"}, 11).answer, RangeAnswer::many_parts);
}

TEST(Part, is_what_content_range_and_length_agree_on) {
  const auto part = [](const char* line, http::Body body, std::uint16_t status = 206) {
    const auto answer = response({line}, status);
    answer->body = body;
    return part_of(*answer);
  };
  const http::Body chunked{http::BodyKind::chunked, 0};
  EXPECT_EQ(part("Content-Range: bytes 4-8/10", {http::BodyKind::counted, 5})->range, (ByteRange{4, 9}));
  EXPECT_EQ(part("Content-Range: bytes 4-8/10", chunked)->whole_length, 10U);
  EXPECT_FALSE(part("Content-Range: bytes 4-8/10", {http::BodyKind::counted, 6}));
  EXPECT_FALSE(part("Content-Range: bytes */10", chunked));
  EXPECT_FALSE(part("Content-Range: bytes 4-8/*", chunked));
  EXPECT_FALSE(part("Content-Range: bytes 4-8/10", chunked, 200));
  EXPECT_FALSE(part_of(*response({"Content-Range: bytes 0-1/9", "Content-Range: bytes 0-1/9"}, 206)));
}

TEST(Parts, are_joined_where_they_touch_and_kept_in_order) {
  Parts parts;
  for (const ByteRange part : {ByteRange{10, 20}, ByteRange{30, 40}, ByteRange{0, 5}, ByteRange{5, 5}}) add_part(parts, part);
  EXPECT_EQ(parts, (Parts{{0, 5}, {10, 20}, {30, 40}}));
  add_part(parts, {5, 10});
  EXPECT_EQ(parts, (Parts{{0, 20}, {30, 40}}));
  add_part(parts, {15, 35});
  EXPECT_EQ(parts, (Parts{{0, 40}}));
  add_part(parts, {50, 60});
  add_part(parts, {2, 3});
  EXPECT_EQ(parts, (Parts{{0, 40}, {50, 60}}));
}

TEST(Parts, tell_what_they_hold_and_what_is_missing) {
  const Parts parts{{10, 20}, {30, 40}};
  EXPECT_TRUE(holds(parts, {10, 20}));
  EXPECT_TRUE(holds(parts, {32, 33}));
  EXPECT_FALSE(holds(parts, {15, 31}));
  const auto gaps = [&](ByteRange wanted) {
    Parts out{{1, 2}};
    missing(parts, wanted, out);
    return out;
  };
  EXPECT_EQ(gaps({0, 50}), (Parts{{0, 10}, {20, 30}, {40, 50}}));
  EXPECT_EQ(gaps({15, 35}), (Parts{{20, 30}}));
  EXPECT_EQ(gaps({12, 18}), Parts{});
  EXPECT_EQ(gaps({20, 30}), (Parts{{20, 30}}));
  EXPECT_EQ(gaps({0, 5}), (Parts{{0, 5}}));
  EXPECT_EQ(gaps({45, 50}), (Parts{{45, 50}}));
}

// The same against a plain bitmap, for many random parts.
TEST(Parts, agree_with_a_bitmap) {
  std::mt19937 random(1);
  const auto next = [&random](std::uint64_t below) { return random() % below; };
  for (int round = 0; round < 200; ++round) {
    Parts parts, gaps;
    std::vector<bool> map(64);
    for (int i = 0; i < 6; ++i) {
      const std::uint64_t first = next(60), end = first + next(64 - first);
      add_part(parts, {first, end});
      for (std::uint64_t at = first; at < end; ++at) map[at] = true;
      missing(parts, {0, 64}, gaps);
      std::vector<bool> seen(64, true);
      for (const ByteRange gap : gaps) {
        for (std::uint64_t at = gap.first; at < gap.end; ++at) seen[at] = false;
      }
      ASSERT_EQ(seen, map);
      for (std::size_t k = 1; k < parts.size(); ++k) ASSERT_LT(parts[k - 1].end, parts[k].first);
    }
  }
}

TEST(Parts, are_joined_only_by_a_strong_validator_and_the_same_length) {
  const auto join = [](Lines stored, Lines fresh, std::uint64_t length = 10) {
    fresh.push_back("Content-Range: bytes 5-9/10");
    const auto held = response(std::move(stored), 206), answer = response(std::move(fresh), 206);
    return may_join(*held, length, *answer);
  };
  EXPECT_TRUE(join({"ETag: \"a\""}, {"ETag: \"a\""}));
  EXPECT_FALSE(join({"ETag: \"a\""}, {"ETag: \"a\""}, 11));
  EXPECT_FALSE(join({"ETag: \"a\""}, {"ETag: \"b\""}));
  EXPECT_FALSE(join({"ETag: W/\"a\""}, {"ETag: W/\"a\""}));
  EXPECT_FALSE(join({}, {}));
  EXPECT_FALSE(may_join(*response({"ETag: \"a\""}, 206), 10, *response({"ETag: \"a\""}, 200)));
  EXPECT_EQ(if_range_for(*response({"ETag: \"a\""})), "\"a\"");
  EXPECT_EQ(if_range_for(*response({"Last-Modified: " + date(-9), "Date: " + date()})), date(-9));
  EXPECT_EQ(if_range_for(*response({"ETag: W/\"a\"", "Last-Modified: " + date(-9), "Date: " + date()})), "");
}

TEST(PartialHead, keeps_the_stored_fields) {
  std::array<char, http::content_range_size> out;
  const auto answer = response({"A: 1", "Content-Length: 11", "Content-Type: text/plain", "ETag: \"a\""});
  EXPECT_EQ(make_partial(*answer, {{0, 2}, 11}, out), "bytes 0-1/11");
  EXPECT_EQ(answer->status, 206);
  EXPECT_EQ(answer->body.length, 2U);
  EXPECT_EQ(kept(answer->fields), (std::vector<std::string>{"A: 1", "Content-Type: text/plain", "ETag: \"a\""}));
}

TEST(UnsatisfiableHead, says_how_long_the_whole_is_and_does_not_describe_it) {
  std::array<char, http::content_range_size> out;
  const auto answer = response({"A: 1", "Content-Length: 11", "Content-Type: text/plain", "ETag: \"a\"", "Cache-Control: max-age=9"});
  EXPECT_EQ(make_unsatisfiable(*answer, 11, out), "bytes */11");
  EXPECT_EQ(answer->status, 416);
  EXPECT_EQ(kept(answer->fields), std::vector<std::string>{"A: 1"});
}

TEST(PartHead, has_the_size_that_was_announced) {
  const auto written = [](const PartHead& head) {
    std::string out(part_head_size(head), '?');
    write_part_head(head, out);
    return out;
  };
  EXPECT_EQ(written({"B", "text/plain", {0, 2}, 11, true}), "--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/11\r\n\r\n");
  EXPECT_EQ(written({"B", "", {10, 11}, 11, false}), "\r\n--B\r\nContent-Range: bytes 10-10/11\r\n\r\n");
  EXPECT_EQ(last_delimiter_size("B"), std::string_view("\r\n--B--\r\n").size());
}

TEST(MultipartHead, has_a_type_and_a_length_of_its_own_and_no_content_range) {
  const auto answer = response({"A: 1", "Content-Length: 11", "Content-Type: text/plain", "Content-Range: bytes 0-10/11", "ETag: \"a\""});
  make_multipart(*answer, 200);
  EXPECT_EQ(answer->status, 206);
  EXPECT_EQ(answer->body.length, 200U);
  EXPECT_EQ(kept(answer->fields), (std::vector<std::string>{"A: 1", "ETag: \"a\""}));
}

TEST(MultipartSize, is_that_of_the_parts_and_of_what_stands_around_them) {
  const std::string expected = "--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/1000\r\n\r\nxx"
                               "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 990-999/1000\r\n\r\nxxxxxxxxxx\r\n--B--\r\n";
  const Cut made = cut_of({"Range: bytes=0-1,-10"}, 1000);
  const MultipartSize size = multipart_size({"B", "text/plain", {}, 1000, true}, made.ranges);
  EXPECT_EQ(size.total, expected.size());
  EXPECT_EQ(size.texts, expected.size() - 12);
}

TEST(MultipartSize, of_many_tiny_parts_is_not_worth_it_when_the_whole_is_smaller) {
  EXPECT_TRUE(worth_parts(2, 300, 26));
  EXPECT_FALSE(worth_parts(5, 300, 26));
  EXPECT_TRUE(worth_parts(16, 5000, 1'000'000));
}

}  // namespace
}  // namespace gatehouse::cache
