// Chunked content: what is taken out, what is refused, and that it does not matter how it arrives.
#include "gateway/http1/chunked.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace gatehouse::http1 {
namespace {

struct Outcome {
  std::string content;
  std::string rest;      // what follows the message
  std::string trailers;  // name=value; ...
  Errc errc{Errc::none};
  bool done{false};
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << testing::PrintToString(o.content) << " rest " << testing::PrintToString(o.rest) << " trailers " << o.trailers
             << " " << exchange::fault_name(o.errc) << (o.done ? " done" : " open");
}

void note_end(Outcome& outcome, const ChunkedDecoder& decoder) {
  outcome.done = decoder.done();
  if (decoder.trailers() == nullptr) return;
  for (const http::Field& field : decoder.trailers()->all()) {
    outcome.trailers += std::string(field.name()) + "=" + std::string(field.value()) + "; ";
  }
}

/// Feeds the text in pieces of `size` bytes.
Outcome decode(std::string text, std::size_t size = 1 << 20) {
  auto decoder = std::make_unique<ChunkedDecoder>();
  decoder->reset();
  Outcome outcome;
  std::span<char> left(text);
  while (!left.empty() && !decoder->done()) {
    std::span<char> piece = left.first(std::min(size, left.size()));
    left = left.subspan(piece.size());
    while (!piece.empty() && !decoder->done()) {
      const ChunkedDecoder::Step step = decoder->feed(piece);
      if (step.errc != Errc::none) return outcome.errc = step.errc, outcome.content.clear(), outcome;
      EXPECT_TRUE(step.consumed > 0 || !step.content.empty());
      outcome.content.append(step.content.begin(), step.content.end());
      piece = piece.subspan(step.consumed);
    }
    outcome.rest.assign(piece.begin(), piece.end());
  }
  outcome.rest.append(left.begin(), left.end());
  note_end(outcome, *decoder);
  return outcome;
}

Errc refusal(const std::string& text) { return decode(text).errc; }

TEST(ChunkedDecoder, takes_content_out_of_its_chunks) {
  EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r\n"), (Outcome{"hello", "", "", Errc::none, true}));
  EXPECT_EQ(decode("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), (Outcome{"hello world", "", "", Errc::none, true}));
  EXPECT_EQ(decode("0\r\n\r\n"), (Outcome{"", "", "", Errc::none, true}));
  EXPECT_EQ(decode("000\r\n\r\n"), (Outcome{"", "", "", Errc::none, true}));
  EXPECT_EQ(decode("0a\r\n0123456789\r\n0\r\n\r\n").content, "0123456789");
  EXPECT_EQ(decode("A\r\n0123456789\r\n0\r\n\r\n").content, "0123456789");
  EXPECT_EQ(decode("2\r\n\r\n\r\n0\r\n\r\n").content, "\r\n");
}

TEST(ChunkedDecoder, leaves_the_next_message_alone) {
  EXPECT_EQ(decode("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n").rest, "GET / HTTP/1.1\r\n");
  EXPECT_EQ(decode("1\r\nx\r\n0\r\n\r\n\r\n").rest, "\r\n");
}

TEST(ChunkedDecoder, gives_a_short_message_in_one_step) {
  std::string text = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  ChunkedDecoder decoder;
  decoder.reset();
  const auto step = decoder.feed(text);
  EXPECT_EQ(std::string(step.content.begin(), step.content.end()), "hello!");
  EXPECT_TRUE(step.done);
  EXPECT_EQ(step.consumed, text.size());
}

TEST(ChunkedDecoder, does_not_move_long_chunks) {
  const std::string chunk = "2000\r\n" + std::string(0x2000, 'a') + "\r\n";
  std::string text = chunk + chunk + "0\r\n\r\n";
  ChunkedDecoder decoder;
  decoder.reset();
  const auto first = decoder.feed(text);
  EXPECT_EQ(first.content.data(), text.data() + 6);
  EXPECT_EQ(first.content.size(), 0x2000u);
  const auto second = decoder.feed(std::span(text).subspan(first.consumed));
  EXPECT_EQ(second.content.data(), text.data() + chunk.size() + 6);
  EXPECT_TRUE(second.done);
}

TEST(ChunkedDecoder, refuses_sizes_that_are_not_plain_hex) {
  for (const char* text : {"\r\n", " 5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", "0x5\r\nhello\r\n", "5 \r\nhello\r\n",
                           "5\t\r\nhello\r\n", "g\r\n", "5h\r\n", ";a=b\r\n", "5,5\r\n", "\"5\"\r\n", "5.\r\n", "\xef\xbc\x95\r\n"}) {
    EXPECT_EQ(refusal(text), Errc::bad_chunk) << text;
  }
}

TEST(ChunkedDecoder, refuses_sizes_that_overflow) {
  EXPECT_EQ(refusal("8000000000000000\r\n"), Errc::bad_chunk);
  EXPECT_EQ(refusal("ffffffffffffffff\r\n"), Errc::bad_chunk);
  EXPECT_EQ(refusal("10000000000000005\r\nhello\r\n"), Errc::bad_chunk);
  EXPECT_EQ(refusal("00000000000000005\r\nhello\r\n"), Errc::bad_chunk);  // 17 digits
  EXPECT_EQ(decode("0000000000000005\r\nhello\r\n0\r\n\r\n").content, "hello");
  EXPECT_EQ(decode("7fffffffffffffff\r\nhello").content, "hello");
}

TEST(ChunkedDecoder, wants_crlf_and_nothing_else) {
  for (const std::string& text : std::initializer_list<std::string>{
           "5\nhello\r\n", "5\rhello\r\n", "5\r\r\nhello\r\n", "5\n\r\nhello\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n",
           "5\r\nhello0\r\n\r\n", "5\r\nhello!\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n", "4\r\nhello\r\n", std::string("5\0\r\nhello\r\n", 10)}) {
    EXPECT_EQ(refusal(text), Errc::bad_chunk) << testing::PrintToString(text);
  }
  EXPECT_EQ(refusal("0\r\n\n"), Errc::bad_trailer);
  EXPECT_EQ(refusal("0\r\n\rX\n"), Errc::bad_trailer);
}

TEST(ChunkedDecoder, drops_extensions_whose_syntax_is_right) {
  for (const char* line : {"5;a", "5;a=b", "5;a=\"b\"", "5 ;a", "5\t; a = b", "5;a=b;c=d", "5;a=\"x;y\\\"z \t\"", "5;a;b", "5;a=\"\" ;b"}) {
    EXPECT_EQ(decode(std::string(line) + "\r\nhello\r\n0;last\r\n\r\n"), (Outcome{"hello", "", "", Errc::none, true})) << line;
  }
}

TEST(ChunkedDecoder, refuses_extensions_whose_syntax_is_wrong) {
  for (const std::string& line : std::initializer_list<std::string>{
           "5;", "5; ", "5;=b", "5;a=", "5;a= ", "5;a ", "5;a=b ", "5;a=\"b", "5;a=\"b\"c", "5;a=\"b\\", "5;a b", "5;a=b c", "5;a=b=c",
           "5;\x01", "5;a=\x01", "5;a=\"\x01\"", "5;a=\"\x7f\"", "5;a=\"\n\"", "5;a=\"\r\n\"", "5;a=\"\\\n\"", "5;a\nb", "5;a\n",
           "5;a\rb", std::string("5;a\0", 4), "5;;", "5;a=(b)", "5 a", "5;\xc3\xa4"}) {
    EXPECT_EQ(refusal(line + "\r\nhello\r\n"), Errc::bad_chunk) << testing::PrintToString(line);
  }
}

TEST(ChunkedDecoder, bounds_extensions_by_line_and_over_all_chunks) {
  const auto line = [](std::size_t n) { return "1;" + std::string(n - 1, 'a') + "\r\nx\r\n"; };  // n bytes and the CR count
  EXPECT_EQ(refusal(line(ChunkedDecoder::extension_line_max - 1) + "0\r\n\r\n"), Errc::none);
  EXPECT_EQ(refusal(line(ChunkedDecoder::extension_line_max) + "0\r\n\r\n"), Errc::bad_chunk);
  std::string many;
  for (std::size_t sent = 0; sent <= ChunkedDecoder::extension_total_max; sent += 200) many += line(200);
  EXPECT_EQ(refusal(many + "0\r\n\r\n"), Errc::bad_chunk);
}

TEST(ChunkedDecoder, gives_trailers_as_fields) {
  const Outcome outcome = decode("1\r\nx\r\n0\r\nX-Checksum: abc\r\ngrpc-status:0 \r\nEtag: \"a\"\r\nContent-Digest: sha-256=:AA=:\r\n\r\nnext");
  EXPECT_EQ(outcome.trailers, "X-Checksum=abc; grpc-status=0; Etag=\"a\"; Content-Digest=sha-256=:AA=:; ");
  EXPECT_EQ(outcome.rest, "next");
}

TEST(ChunkedDecoder, refuses_trailers_that_a_head_must_decide) {
  // RFC 9110 6.5.1
  for (const char* name : {"Transfer-Encoding", "Content-Length", "Host", "Trailer", "TE", "Connection", "Upgrade", "Expect",
                           "Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "Content-Type", "Content-Encoding",
                           "Content-Range", "Content-Disposition", "X-Forwarded-For", "X-Forwarded-Anything", "Forwarded", "Via",
                           "X-Real-IP", "X-Amzn-Trace-Id", "Cache-Control", "Range", "If-Match", "If-Unknown", "Location", "Date",
                           "Age", "Expires", "Vary", "Max-Forwards", "Access-Control-Allow-Origin", "WWW-Authenticate"}) {
    EXPECT_EQ(refusal("0\r\n" + std::string(name) + ": 1\r\n\r\n"), Errc::bad_trailer) << name;
  }
}

TEST(ChunkedDecoder, refuses_trailers_whose_syntax_is_wrong) {
  for (const std::string& line : std::initializer_list<std::string>{" X: y", "X : y", ": y", "X", "X: y\r", "X: \x01", "X\n: y",
                                                                    std::string("X: \0", 4), "X: y\r\n z", "X: y\rZ: a"}) {
    EXPECT_EQ(refusal("0\r\n" + line + "\r\n\r\n"), Errc::bad_trailer) << testing::PrintToString(line);
  }
}

TEST(ChunkedDecoder, bounds_the_trailer_section) {
  std::string fields;
  for (std::size_t i = 0; i < ChunkedDecoder::trailer_fields_max; ++i) fields += "X: y\r\n";
  EXPECT_EQ(refusal("0\r\n" + fields + "\r\n"), Errc::none);
  EXPECT_EQ(refusal("0\r\n" + fields + "X: y\r\n\r\n"), Errc::bad_trailer);
  const std::string fits = "X: " + std::string(ChunkedDecoder::trailer_bytes_max - 7, 'a') + "\r\n";
  EXPECT_EQ(refusal("0\r\n" + fits + "\r\n"), Errc::none);
  EXPECT_EQ(refusal("0\r\nX" + fits + "\r\n"), Errc::bad_trailer);
}

TEST(ChunkedDecoder, does_not_care_how_the_bytes_arrive) {
  const std::vector<std::string> texts{
      "5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\nX: y\r\nZ: a\r\n\r\nrest", "3\r\nabc\r\n0\r\n\r\n", "5;a=\"b\r\n\"\r\nhello\r\n",
      "5\r\nhello!\r\n", "0\r\nHost: a\r\n\r\n", "ffff", "2\r\nab\r\n1\r\nc\r\n1\r\nd\r\n0\r\n\r\nGET"};
  for (const std::string& text : texts) {
    const Outcome whole = decode(text);
    for (std::size_t size = 1; size < text.size(); ++size) EXPECT_EQ(decode(text, size), whole) << text << " by " << size;
  }
}

TEST(ChunkedDecoder, names_the_origin_when_it_is_the_origins_content) {
  std::string text = "x\r\n";
  ChunkedDecoder decoder;
  decoder.reset(exchange::Side::origin);
  EXPECT_EQ(decoder.feed(text).errc, Errc::origin_bad_chunk);
}

TEST(ChunkedDecoder, begins_anew_after_reset) {
  ChunkedDecoder decoder;
  std::string first = "1\r\nx\r\n0\r\nX: y\r\n\r\n";
  decoder.reset();
  EXPECT_TRUE(decoder.feed(first).done);
  ASSERT_NE(decoder.trailers(), nullptr);
  std::string second = "0\r\n\r\n";
  decoder.reset();
  EXPECT_TRUE(decoder.feed(second).done);
  EXPECT_EQ(decoder.trailers(), nullptr);
}

TEST(ChunkedWriting, is_what_the_decoder_reads) {
  std::array<char, chunk_head_max> head;
  EXPECT_EQ(std::string(head.data(), write_chunk_head(head, 0x1a2b)), "1a2b\r\n");
  EXPECT_EQ(std::string(head.data(), write_chunk_head(head, ~std::uint64_t{0})), "ffffffffffffffff\r\n");

  std::string text = "1\r\nx\r\n0\r\nA:b\r\nC: d\r\n\r\n";
  ChunkedDecoder decoder;
  decoder.reset();
  ASSERT_TRUE(decoder.feed(text).done);
  std::array<char, 64> out;
  EXPECT_EQ(std::string(out.data(), write_last_chunk(out, decoder.trailers())), "0\r\nA: b\r\nC: d\r\n\r\n");
  decoder.trailers()->all()[0].dropped = true;
  EXPECT_EQ(std::string(out.data(), write_last_chunk(out, decoder.trailers())), "0\r\nC: d\r\n\r\n");
  EXPECT_EQ(std::string(out.data(), write_last_chunk(out, nullptr)), "0\r\n\r\n");
  for (std::size_t n = 0; n < 11; ++n) EXPECT_EQ(write_last_chunk(std::span(out).first(n), decoder.trailers()), 0u) << n;
  EXPECT_EQ(write_last_chunk(std::span(out).first(11), decoder.trailers()), 11u);
}

}  // namespace
}  // namespace gatehouse::http1
