#include "gateway/http/path.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

std::string resolved(std::string_view path) {
  std::vector<char> room(path.size() + 1);
  return std::string(resolve_dot_segments(path, room));
}

TEST(Path, without_dot_segments_is_left_alone) {
  for (const char* path : {"/", "/a", "/a/b.css", "/.hidden", "/a/...", "/%2f..", "/a%2e", "/..a/b", "*"}) {
    EXPECT_FALSE(has_dot_segments(path)) << path;
  }
}

TEST(Path, resolves_dot_segments_as_rfc_3986_does) {
  const std::pair<const char*, const char*> rows[] = {
      {"/a/b/c/./../../g", "/a/g"}, {"/./a", "/a"},       {"/a/.", "/a/"},   {"/a/..", "/"},          {"/a/b/..", "/a/"},
      {"/..", "/"},                 {"/../../x", "/x"},   {"/a//../b", "/a/b"}, {"/%2e%2E/secret", "/secret"}, {"/a/.%2e/b", "/b"},
      {"/a/%2e/b", "/a/b"},         {"/static/../admin", "/admin"}, {"/.", "/"},
  };
  for (const auto& [path, expected] : rows) {
    EXPECT_TRUE(has_dot_segments(path)) << path;
    EXPECT_EQ(resolved(path), expected) << path;
  }
}

TEST(Path, resolved_has_no_dot_segments_left) {
  for (const char* path : {"/a/./b/../../..", "/%2e/%2e%2e/./..", "/x/..//../y"}) {
    EXPECT_FALSE(has_dot_segments(resolved(path))) << path;
  }
}

}  // namespace
}  // namespace gatehouse::http
