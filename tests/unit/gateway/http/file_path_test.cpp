#include "gateway/http/file_path.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gatehouse::http {
namespace {

/// The name, with a slash behind a folder's; "refused" for none.
std::string named(std::string_view path, bool hidden_too = false) {
  std::string room(path.size(), '?');
  const auto found = file_path(path, hidden_too, room);
  return found ? std::string(found->name) + (found->folder ? "/" : "") : "refused";
}

TEST(FilePath, IsTheNameBelowTheRoot) {
  EXPECT_EQ(named("/"), "/");
  EXPECT_EQ(named("/a"), "a");
  EXPECT_EQ(named("/a/b.html"), "a/b.html");
  EXPECT_EQ(named("/a/b/"), "a/b/");
  EXPECT_EQ(named("/a.b.c"), "a.b.c");
  EXPECT_EQ(named("/..."), "refused");
  EXPECT_EQ(named("/...", true), "...");
}

TEST(FilePath, IsDecodedOnce) {
  EXPECT_EQ(named("/a%20b"), "a b");
  EXPECT_EQ(named("/%61%62"), "ab");
  EXPECT_EQ(named("/caf%C3%A9"), "caf\xc3\xa9");
  EXPECT_EQ(named("/100%25"), "100%");
  EXPECT_EQ(named("/%252e%252e/x"), "%2e%2e/x");
  EXPECT_EQ(named("/a%252Fb"), "a%2Fb");
}

TEST(FilePath, IsNoneForWhatCouldBeReadInTwoWays) {
  for (const char* path : {"", "a", "*", "//", "//a", "/a//b", "/a//", "/.", "/..", "/../a", "/a/..", "/a/../b", "/a/./b", "/./",
                           "/%2e", "/%2e%2e/a", "/.%2e/a", "/%2E./a", "/a%2Fb", "/%2f", "/a%2f..%2fb", "/a%5Cb", "/a\\b", "/..\\a",
                           "/%00", "/a%00.html", "/%0a", "/%7f", "/%1F", "/%", "/%4", "/%zz", "/a%2"}) {
    EXPECT_EQ(named(path, true), "refused") << path;
    EXPECT_EQ(named(path), "refused") << path;
  }
}

TEST(FilePath, LeavesOutHiddenNamesUnlessTheyAreWanted) {
  for (const char* path : {"/.git/config", "/.env", "/a/.htaccess", "/%2egit/config", "/a/.well-known/x", "/.well-known/.x", "/.a/"}) {
    EXPECT_EQ(named(path), "refused") << path;
    EXPECT_NE(named(path, true), "refused") << path;
  }
}

TEST(FilePath, MayBeWellKnown) { EXPECT_EQ(named("/.well-known/security.txt"), ".well-known/security.txt"); }

TEST(FilePath, IsNoneWithoutRoomForIt) {
  std::array<char, 3> room;
  EXPECT_FALSE(file_path("/abc", false, room));
  EXPECT_TRUE(file_path("/ab", false, room));
}

}  // namespace
}  // namespace gatehouse::http
