// Runs tests/cases/bodies.cases, each body at every cut, and tries the limits.
#include <gtest/gtest.h>

#include "recorder.hpp"
#include "tests/support/case_rows.hpp"

namespace gatehouse::filters {
namespace {

constexpr std::string_view xx = "multipart/form-data; boundary=xx";

TEST(Bodies, give_what_the_cases_say_at_every_cut) {
  const auto rows = testing::read_cases(GATEHOUSE_SOURCE_DIR "/tests/cases/bodies.cases");
  ASSERT_GT(rows.size(), 90u);
  for (const auto& row : rows) {
    ASSERT_GE(row.texts.size(), 2u) << "line " << row.line;
    const bool typed = row.head == "multipart";
    ASSERT_EQ(row.texts.size(), typed ? 3u : 2u) << "line " << row.line;
    const std::string_view type = typed ? row.texts[0] : row.head;
    EXPECT_EQ(read_at_every_cut(type, row.texts[typed ? 1 : 0]), row.texts.back()) << "line " << row.line;
  }
}

TEST(Urlencoded, stops_at_its_limits) {
  BodyLimits limits;
  limits.arguments_max = 2;
  EXPECT_EQ(read("urlencoded", "a=1&b=2", limits), "a=1\nb=2\n");
  EXPECT_EQ(read("urlencoded", "a=1&b=2&c=3", limits),
            "a=1\nb=2\nerror the body has more arguments or parts than the limit allows\n");
  limits.value_bytes_max = 4;
  EXPECT_EQ(read("urlencoded", "a=12&b=345", limits),
            "a=12\nerror a name, value or header in the body is larger than the limit allows\n");
}

TEST(Urlencoded, splits_at_the_separator_asked_for_and_notes_broken_escapes) {
  Recorder sink;
  EXPECT_EQ(parse_urlencoded("a=1;b=%zz&c", sink, {}, ';'), BodyError::none);
  EXPECT_EQ(sink.text, "a=1\nb=%zz&c\n");
  UrlencodedParser parser(sink, {});
  ASSERT_TRUE(parser.feed("a=%41&b=%4"));
  EXPECT_FALSE(parser.bad_escape());
  ASSERT_TRUE(parser.finish());
  EXPECT_TRUE(parser.bad_escape());
}

TEST(Json, stops_at_its_limits) {
  BodyLimits limits;
  limits.depth_max = 3;
  EXPECT_EQ(read("json", "[[[1]]]", limits), "array.array.array.array=1\n");
  EXPECT_EQ(read("json", "[[[[1]]]]", limits), "error the body is nested deeper than the limit allows\n");
  limits.arguments_max = 2;
  EXPECT_EQ(read("json", "[1,2,3]", limits),
            "array.array=1\narray.array=2\nerror the body has more arguments or parts than the limit allows\n");
  limits.value_bytes_max = 3;
  EXPECT_EQ(read("json", "[\"abc\"]", limits), "array.array=abc\n");
  EXPECT_EQ(read("json", "[\"abcd\"]", limits), "error a name, value or header in the body is larger than the limit allows\n");
}

TEST(Json, does_not_let_nesting_multiply_names) {
  const std::string deep = "{\"" + std::string(1000, 'k') + "\":" + std::string(500, '[') + "1";
  EXPECT_EQ(read("json", deep), "error a name, value or header in the body is larger than the limit allows\n");
}

TEST(Json, takes_any_depth_asked_for_without_running_out_of_stack) {
  BodyLimits limits;
  limits.depth_max = 10'000'000;
  EXPECT_EQ(read("json", std::string(1'000'000, '['), limits), "error the body is nested deeper than the limit allows\n");
}

TEST(Xml, stops_at_its_limits) {
  BodyLimits limits;
  limits.depth_max = 2;
  EXPECT_EQ(read("xml", "<a><b/>t</a>", limits), "text t\n");
  EXPECT_EQ(read("xml", "<a>t<b><c/></b></a>", limits), "text t\nerror the body is nested deeper than the limit allows\n");
  limits.attributes_max = 1;
  EXPECT_EQ(read("xml", "<a x='1' y='2'/>", limits),
            "@x=1\ntext \nerror the body has more arguments or parts than the limit allows\n");
  limits.value_bytes_max = 3;
  EXPECT_EQ(read("xml", "<a>abc</a>", limits), "text abc\n");
  EXPECT_EQ(read("xml", "<a>abcd</a>", limits),
            "text \nerror a name, value or header in the body is larger than the limit allows\n");
}

// Expat alone reads an unfinished token again with every piece: here 2^20 bytes in 4,096 pieces, two gigabytes. The
// bound is generous; the point is that the test ends.
TEST(Xml, reads_one_endless_token_in_small_pieces_in_linear_time) {
  Recorder sink;
  XmlParser parser(sink, {});
  ASSERT_TRUE(parser.feed("<a b='"));
  const std::string piece(256, 'x');
  for (int i = 0; i < 4096; ++i) ASSERT_TRUE(parser.feed(piece));
  ASSERT_TRUE(parser.feed("'>"));
  ASSERT_TRUE(parser.feed("text</a>"));
  ASSERT_TRUE(parser.finish());
  EXPECT_EQ(sink.text.size(), std::string_view("@b=\ntext text\n").size() + 256 * 4096);
}

std::string part(std::string_view head, std::string_view data) {
  return "--xx\r\nContent-Disposition: form-data; " + std::string(head) + "\r\n\r\n" + std::string(data) + "\r\n";
}

TEST(Multipart, stops_at_its_limits) {
  BodyLimits limits;
  limits.arguments_max = 1;
  const std::string two = part("name=a", "1") + part("name=b", "2") + "--xx--\r\n";
  EXPECT_NE(read(xx, two, limits).find("more arguments"), std::string::npos);
  limits.arguments_max = 10;
  limits.parts_max = 1;
  EXPECT_NE(read(xx, two, limits).find("more arguments"), std::string::npos);
  limits.parts_max = 10;
  limits.part_header_bytes_max = 60;
  EXPECT_EQ(read(xx, part("name=a", "1") + "--xx--", limits), "header a|Content-Disposition: form-data; name=a\na=1\n");
  EXPECT_NE(read(xx, part("name=" + std::string(60, 'a'), "1") + "--xx--", limits).find("larger"), std::string::npos);
  limits.value_bytes_max = 3;
  EXPECT_NE(read(xx, part("name=a", "1234") + "--xx--", limits).find("larger"), std::string::npos);
  EXPECT_NE(read(xx, part("name=a; filename=f", "1234") + "--xx--", limits).find("file a|f|4|1234"), std::string::npos);
}

TEST(Multipart, flags_more_files_than_allowed_and_goes_on) {
  BodyLimits limits;
  limits.files_max = 1;
  const std::string two = part("name=a; filename=f", "1") + part("name=b; filename=g", "2") + "--xx--\r\n";
  const std::string found = read(xx, two, limits);
  EXPECT_NE(found.find("file b|g|1|2\n"), std::string::npos);
  EXPECT_NE(found.find("flags FL\n"), std::string::npos);
}

TEST(Multipart, counts_bytes_inside_and_outside_files) {
  Recorder sink;
  MultipartParser parser(xx, sink, {});
  const std::string body = part("name=a; filename=f", "0123456789\n\r\n!") + part("name=b", "xyz") + "--xx--\r\n";
  ASSERT_TRUE(parser.feed(body));
  ASSERT_TRUE(parser.finish());
  EXPECT_EQ(parser.bytes_in_files(), 14u);
  EXPECT_EQ(parser.bytes_outside_files(), body.size() - 14);
}

TEST(Multipart, keeps_memory_small_for_files_of_one_endless_line) {
  BodyLimits limits;
  limits.value_bytes_max = 100;
  Recorder sink;
  MultipartParser parser(xx, sink, limits);
  ASSERT_TRUE(parser.feed("--xx\r\nContent-Disposition: form-data; name=a; filename=f\r\n\r\n"));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(parser.feed(std::string(1000, '-')));
  ASSERT_TRUE(parser.feed("\r\n--xx--\r\n"));
  ASSERT_TRUE(parser.finish());
  EXPECT_NE(sink.text.find("file a|f|1000000|"), std::string::npos);
}

TEST(MultipartFlags, each_make_the_strict_error_but_the_unmatched_boundary) {
  EXPECT_FALSE(MultipartFlags{}.strict_error());
  MultipartFlags flags;
  flags.unmatched_boundary = flags.crlf_lf_lines = true;
  EXPECT_FALSE(flags.strict_error());
  flags.invalid_part = true;
  EXPECT_TRUE(flags.strict_error());
}

}  // namespace
}  // namespace gatehouse::filters
