#include "gateway/http/content_type.hpp"

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

TEST(ContentType, IsThatOfTheEndingInAnyLetterCase) {
  EXPECT_EQ(content_type_of("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("a/b.c/LOGO.SVG"), "image/svg+xml; charset=utf-8");
  EXPECT_EQ(content_type_of("app.min.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type_of("font.woff2"), "font/woff2");
  EXPECT_EQ(content_type_of("site.webmanifest"), "application/manifest+json");
  EXPECT_EQ(content_type_of("archive.7z"), "application/x-7z-compressed");
  EXPECT_EQ(content_type_of("archive.zst"), "application/zstd");
}

TEST(ContentType, IsThatOfAnyBytesWithoutAKnownEnding) {
  for (const char* name : {"", "README", "a.b/file", "file.", ".html/", "x.htmlx", "x.averyveryverylongending", "x.h\xc3\xa4"}) {
    EXPECT_EQ(content_type_of(name), "application/octet-stream") << name;
  }
}

}  // namespace
}  // namespace gatehouse::http
