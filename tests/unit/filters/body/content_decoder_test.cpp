#include "body/content_decoder.hpp"

#include <gtest/gtest.h>

#include "tests/support/compress.hpp"

namespace gatehouse::filters {
namespace {

using test::brotlied, test::deflated, test::gzipped, test::zstded;

class Collected final : public DecodedSink {
 public:
  void decoded(std::string_view bytes) override { text += bytes; }
  std::string text;
};

/// What came out, and how it ended: `complete`, `open` (in the middle), `limited` or `broken`.
struct Outcome {
  std::string text;
  std::string end;
  bool operator==(const Outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << outcome.end << " with " << outcome.text.size() << " bytes: " << outcome.text.substr(0, 60);
}

Outcome decode(std::string_view names, std::string_view content, DecodeLimits limits = {1 << 20, 200}, std::size_t step = 1 << 20) {
  Codings codings;
  codings.add(names);
  EXPECT_TRUE(codings.known() && !codings.none()) << names;
  ContentDecoder decoder(codings, limits);
  Collected to;
  for (std::size_t at = 0; at < content.size(); at += step) decoder.feed(content.substr(at, step), to);
  const DecodeState state = decoder.state();
  const char* const end = state == DecodeState::limited ? "limited" : state == DecodeState::broken ? "broken" : "open";
  return {to.text, decoder.complete() ? "complete" : end};
}

std::string sentence() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "line " + std::to_string(i * 7919) + " of a text; ";
  return text;
}

TEST(ContentDecoder, undoes_each_coding_however_it_is_cut) {
  const std::string text = sentence();
  const std::pair<const char*, std::string> rows[] = {
      {"gzip", gzipped(text)},  {"X-GZip", gzipped(text)},       {"deflate", deflated(text, 15)},
      {"deflate", deflated(text, -15)}, {"br", brotlied(text)}, {" identity , br,", brotlied(text)},
      {"zstd", zstded(text)},   {"ZSTD", zstded(text)},
  };
  for (const auto& [names, content] : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, content.size()}) {
      EXPECT_EQ(decode(names, content, {1 << 20, 200}, step), (Outcome{text, "complete"})) << names << " in steps of " << step;
    }
  }
}

TEST(ContentDecoder, undoes_codings_in_the_reverse_of_the_order_in_which_they_were_applied) {
  const std::string text = sentence();
  EXPECT_EQ(decode("gzip, br", brotlied(gzipped(text))), (Outcome{text, "complete"}));
  EXPECT_EQ(decode("zstd, gzip", gzipped(zstded(text)), {1 << 20, 200}, 5), (Outcome{text, "complete"}));
  EXPECT_EQ(decode("gzip, zstd", zstded(gzipped(text)), {1 << 20, 200}, 5), (Outcome{text, "complete"}));
  EXPECT_EQ(decode("br, deflate", deflated(brotlied(text), 15), {1 << 20, 200}, 3), (Outcome{text, "complete"}));
  EXPECT_EQ(decode("br, gzip", brotlied(gzipped(text))).end, "broken");
}

TEST(ContentDecoder, reads_all_members_of_a_gzip_stream) {
  EXPECT_EQ(decode("gzip", gzipped("union ") + gzipped("") + gzipped("select")), (Outcome{"union select", "complete"}));
}

TEST(ContentDecoder, reads_all_frames_of_a_zstd_stream_and_skips_those_that_are_to_be_skipped) {
  const std::string skipped("\x50\x2a\x4d\x18\x03\0\0\0xyz", 11);  // RFC 8878 3.1.2
  for (const std::size_t step : {1u, 1000u}) {
    EXPECT_EQ(decode("zstd", zstded("union ") + skipped + zstded("") + zstded("select"), {1 << 20, 200}, step), (Outcome{"union select", "complete"}));
  }
}

TEST(ContentDecoder, takes_no_zstd_window_beyond_what_http_allows) {
  EXPECT_EQ(decode("zstd", zstded("text", 23)), (Outcome{"text", "complete"}));
  EXPECT_EQ(decode("zstd", zstded("text", 24)), (Outcome{"", "broken"}));
}

TEST(ContentDecoder, finds_what_is_broken_and_keeps_what_came_before) {
  const std::string text = sentence();
  EXPECT_EQ(decode("gzip", "no gzip at all").end, "broken");
  EXPECT_EQ(decode("br", std::string(40, '\xff')).end, "broken");
  EXPECT_EQ(decode("zstd", std::string(40, '\xff')).end, "broken");
  EXPECT_EQ(decode("zstd", zstded(text) + "tail").text, text);
  EXPECT_EQ(decode("zstd", zstded(text) + "a tail of some bytes").end, "broken");
  EXPECT_EQ(decode("gzip", gzipped(text) + "tail"), (Outcome{text, "broken"}));
  EXPECT_EQ(decode("deflate", deflated(text, 15) + "tail"), (Outcome{text, "broken"}));
  EXPECT_EQ(decode("br", brotlied(text) + "tail"), (Outcome{text, "broken"}));
  std::string wrong_check = gzipped(text);
  wrong_check[wrong_check.size() - 6] ^= 1;
  EXPECT_EQ(decode("gzip", wrong_check), (Outcome{text, "broken"}));
}

TEST(ContentDecoder, is_not_complete_in_the_middle_of_a_stream) {
  for (const auto& [names, content] : {std::pair{"gzip", gzipped("abc")}, {"deflate", deflated("abc", 15)}, {"br", brotlied("abc")}, {"zstd", zstded("abc")}}) {
    for (std::size_t size = 1; size < content.size(); ++size) EXPECT_EQ(decode(names, content.substr(0, size)).end, "open") << names << size;
  }
  // The inner stream ends, the outer one does not.
  const std::string both = gzipped(brotlied("abc"));
  EXPECT_EQ(decode("br, gzip", both.substr(0, both.size() - 1)).end, "open");
  EXPECT_EQ(decode("gzip", ""), (Outcome{"", "complete"}));
}

TEST(ContentDecoder, stops_at_the_limit_of_bytes) {
  const std::string text = sentence();
  EXPECT_EQ(decode("gzip", gzipped(text), {1000, 200}), (Outcome{text.substr(0, 1000), "limited"}));
  EXPECT_EQ(decode("br", brotlied(text), {1000, 200}, 5), (Outcome{text.substr(0, 1000), "limited"}));
  EXPECT_EQ(decode("gzip", gzipped(text), {text.size(), 200}), (Outcome{text, "complete"}));
}

TEST(ContentDecoder, stops_at_the_ratio_beyond_what_is_harmless) {
  const std::string zeros(4 << 20, '\0');
  const DecodeLimits limits{64 << 20, 100};
  const std::string small = gzipped(std::string_view(zeros).substr(0, ratio_floor));
  EXPECT_EQ(decode("gzip", small, limits).end, "complete") << "some 1000 times larger, but not much";
  const std::string bomb = gzipped(zeros);
  const Outcome outcome = decode("gzip", bomb, limits);
  EXPECT_EQ(outcome.end, "limited");
  EXPECT_EQ(outcome.text.size(), std::max<std::size_t>(ratio_floor, bomb.size() * 100));
  EXPECT_EQ(decode("br", brotlied(zeros), limits).text.size(), ratio_floor);
  EXPECT_EQ(decode("zstd", zstded(zeros), limits).text.size(), ratio_floor);
}

TEST(ContentDecoder, counts_what_a_stage_in_between_is_made_to_do) {
  // Empty gzip members by the hundred thousand give no byte in the end.
  std::string members;
  const std::string empty = gzipped("");
  while (members.size() < (4u << 20)) members += empty;
  const Outcome outcome = decode("gzip, gzip", gzipped(members), {64 << 20, 100});
  EXPECT_EQ(outcome, (Outcome{"", "limited"}));
}

TEST(Codings, know_their_names_and_how_many_may_be_stacked) {
  const auto read = [](std::string_view names) {
    Codings codings;
    codings.add(names);
    return codings;
  };
  EXPECT_TRUE(read("").none());
  EXPECT_TRUE(read("identity, Identity").none());
  EXPECT_FALSE(read("compress").known());
  EXPECT_FALSE(read("compress").none());
  EXPECT_FALSE(read("gzip, compress").known());
  EXPECT_TRUE(read("gzip, gzip").known());
  EXPECT_FALSE(read("gzip, gzip, gzip").known());
  Codings two_fields = read("gzip");
  two_fields.add("br");
  ASSERT_EQ(two_fields.list().size(), 2u);
  EXPECT_EQ(two_fields.list()[1], Coding::brotli);
}

}  // namespace
}  // namespace gatehouse::filters
