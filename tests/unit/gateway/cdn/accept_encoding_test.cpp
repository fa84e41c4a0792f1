#include "gateway/cdn/accept_encoding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::cdn {
namespace {

http::Field field(std::string_view line) {
  http::Field made;
  made.line = line.data();
  made.name_size = static_cast<std::uint16_t>(line.find(':'));
  made.value_offset = static_cast<std::uint16_t>(made.name_size + 2);
  made.value_size = static_cast<std::uint32_t>(line.size() - made.value_offset);
  made.kind = http::field_kind(made.name());
  return made;
}

std::string_view normalised(std::initializer_list<std::string_view> lines) {
  http::FieldList fields;
  for (const std::string_view line : lines) fields.push(field(line));
  return accept_encoding_text(accepted_codings(fields));
}

TEST(AcceptEncoding, ComesToOneOfAFewTexts) {
  EXPECT_EQ(normalised({"Accept-Encoding: gzip, deflate, br"}), "br,gzip");
  EXPECT_EQ(normalised({"Accept-Encoding: BR;q=1.0,gzip;q=0.8, *;q=0.1"}), "br,gzip");
  EXPECT_EQ(normalised({"Accept-Encoding: gzip", "Accept-Encoding: zstd"}), "gzip,zstd");
  EXPECT_EQ(normalised({"Accept-Encoding: x-gzip"}), "gzip");
  EXPECT_EQ(normalised({"Accept-Encoding: br, zstd, gzip"}), "br,gzip,zstd");
}

TEST(AcceptEncoding, WhatIsRefusedOrUnknownIsNotAccepted) {
  EXPECT_EQ(normalised({"Accept-Encoding: gzip;q=0, br"}), "br");
  EXPECT_EQ(normalised({"Accept-Encoding: gzip; q=0.000"}), "");
  EXPECT_EQ(normalised({"Accept-Encoding: gzip, gzip;q=0"}), "");
  EXPECT_EQ(normalised({"Accept-Encoding: deflate, compress, *"}), "");
  EXPECT_EQ(normalised({"Accept-Encoding: "}), "");
  EXPECT_EQ(normalised({}), "");
}

TEST(AcceptEncoding, TheStrongestCodingIsTheBest) {
  Codings codings;
  EXPECT_EQ(best_coding(codings), Coding::identity);
  codings.insert(Coding::gzip);
  EXPECT_EQ(best_coding(codings), Coding::gzip);
  codings.insert(Coding::br);
  EXPECT_EQ(best_coding(codings), Coding::br);
  codings.insert(Coding::zstd);
  EXPECT_EQ(coding_name(best_coding(codings)), "zstd");
}

}  // namespace
}  // namespace gatehouse::cdn
