#include "gateway/cdn/compressor.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace gatehouse::cdn {
namespace {

/// Reads content in a coding, as far as it goes.
std::string inflated(std::string_view text) {
  z_stream stream{};
  inflateInit2(&stream, 31);
  std::string out(1 << 20, '\0');
  std::string all;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (inflate(&stream, Z_NO_FLUSH) < 0) break;
    all.append(out.data(), out.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  inflateEnd(&stream);
  return all;
}

std::string unbrotlied(std::string_view text) {
  BrotliDecoderState* const state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  std::string out(1 << 20, '\0'), all;
  std::size_t left = text.size();
  auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
  BrotliDecoderResult done = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (done == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
    std::size_t room = out.size();
    auto* at = reinterpret_cast<std::uint8_t*>(out.data());
    done = BrotliDecoderDecompressStream(state, &left, &in, &room, &at, nullptr);
    all.append(out.data(), out.size() - room);
  }
  BrotliDecoderDestroyInstance(state);
  return all;
}

std::string unzstd(std::string_view text) {
  ZSTD_DCtx* const state = ZSTD_createDCtx();
  std::string out(1 << 20, '\0'), all;
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  for (bool more = true; more;) {
    ZSTD_outBuffer made{out.data(), out.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(state, &made, &in)) != 0) break;
    all.append(out.data(), made.pos);
    more = made.pos == out.size() || in.pos < in.size;
  }
  ZSTD_freeDCtx(state);
  return all;
}

std::string decoded(Coding coding, std::string_view text) {
  switch (coding) {
    case Coding::gzip: return inflated(text);
    case Coding::br: return unbrotlied(text);
    case Coding::zstd: return unzstd(text);
    case Coding::identity: break;
  }
  return std::string(text);
}

/// Text that looks like markup and does not repeat itself exactly.
std::string page(std::size_t size) {
  std::string text;
  unsigned random = 1;
  while (text.size() < size) {
    random = random * 1103515245 + 12345;
    text += "<li class=\"item-" + std::to_string(random >> 20) + "\"><a href=\"/product/" + std::to_string(random) + "\">buy</a></li>\n";
  }
  text.resize(size);
  return text;
}

std::string compressed(Coding coding, std::string_view text, std::size_t piece) {
  const auto compressor = Compressor::make(coding, text.size());
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    EXPECT_TRUE(compressor->write(text.substr(at, piece), out));
  }
  EXPECT_TRUE(compressor->finish(out));
  return out;
}

class EachCoding : public testing::TestWithParam<Coding> {};
INSTANTIATE_TEST_SUITE_P(Compressor, EachCoding, testing::Values(Coding::gzip, Coding::br, Coding::zstd),
                         [](const auto& info) { return std::string(coding_name(info.param)); });

TEST_P(EachCoding, GivesBackWhatItWasGivenInPiecesOfAnySize) {
  for (const std::size_t size : {1u, 999u, 1000u, 16u * 1024, 300'000u, 3'000'000u}) {
    const std::string text = page(size);
    for (const std::size_t piece : {1400u, 16u * 1024, 128u * 1024}) {
      const std::string out = compressed(GetParam(), text, piece);
      EXPECT_EQ(decoded(GetParam(), out), text) << size << " in pieces of " << piece;
      if (size > 900) {
        EXPECT_LT(out.size() * 2, size);
      }
    }
  }
}

TEST_P(EachCoding, GivesBackWhatCannotBeMadeSmaller) {
  std::string noise(200'000, '\0');
  unsigned random = 7;
  for (char& c : noise) c = static_cast<char>((random = random * 1664525 + 1013904223) >> 24);
  const std::string out = compressed(GetParam(), noise, 5000);
  EXPECT_EQ(decoded(GetParam(), out), noise);
  EXPECT_LT(out.size(), noise.size() + noise.size() / 100);
}

TEST_P(EachCoding, LetsWhoReadsAlongReadWhatWasWrittenBeforeAFlush) {
  const std::string text = page(50'000);
  const auto compressor = Compressor::make(GetParam(), text.size());
  std::string out;
  ASSERT_TRUE(compressor->write(std::string_view(text).substr(0, 20'000), out));
  ASSERT_TRUE(compressor->flush(out));
  EXPECT_EQ(decoded(GetParam(), out), text.substr(0, 20'000));
  ASSERT_TRUE(compressor->write(std::string_view(text).substr(20'000), out));
  ASSERT_TRUE(compressor->flush(out));
  ASSERT_TRUE(compressor->finish(out));
  EXPECT_EQ(decoded(GetParam(), out), text);
}

TEST_P(EachCoding, AddsToWhatIsInTheTextAlready) {
  const auto compressor = Compressor::make(GetParam(), 5);
  std::string out = "head";
  ASSERT_TRUE(compressor->write(std::string_view("hello"), out));
  ASSERT_TRUE(compressor->finish(out));
  EXPECT_EQ(out.substr(0, 4), "head");
  EXPECT_EQ(decoded(GetParam(), out.substr(4)), "hello");
}

#ifndef GATEHOUSE_SANITIZED
TEST_P(EachCoding, TakesNoMoreMemoryThanItSays) {
  for (const std::size_t size : {16u * 1024, 128u * 1024, 200'000u, 10'000'000u}) {
    const std::string text = page(size);
    std::string out;
    out.reserve(size + 64 * 1024);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    std::size_t most = 0;
    {
      const auto compressor = Compressor::make(GetParam(), size);
      for (std::size_t at = 0; at < size; at += 64 * 1024) {
        ASSERT_TRUE(compressor->write(std::string_view(text).substr(at, 64 * 1024), out));
        if (at + 64 * 1024 >= size) ASSERT_TRUE(compressor->finish(out));
        const auto now = mallinfo2();
        most = std::max(most, now.uordblks + now.hblkhd - before);
      }
    }
    EXPECT_LE(most, Compressor::memory(GetParam(), size)) << size;
    EXPECT_GE(most * 4, Compressor::memory(GetParam(), size)) << size << ": the bound means nothing";
  }
}
#endif

TEST(Compressor, IsThereForEachCodingButIdentity) {
  EXPECT_EQ(Compressor::make(Coding::identity, 1000), nullptr);
  EXPECT_EQ(Compressor::memory(Coding::identity, 1000), 0u);
}

}  // namespace
}  // namespace gatehouse::cdn
