// The file that a request's path names below the root of a site. What cannot be the plain name of a file below it names none:
// who serves files must not have to think about a second reading of the same text. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace gatehouse::http {

struct FilePath {
  std::string_view name;  // relative, decoded; empty for the root itself
  bool folder{false};     // the path ends with a slash
};

/// Decodes the path once, into `out`, which has at least its size. Nothing for: a path that does not begin with a slash, empty
/// segments, `.` and `..`, names that begin with a dot (but `/.well-known`) unless `hidden_too`, and coded slashes, backslashes,
/// controls and NUL: `%2e%2e`, `%2F`, `%5C` and `%00` never reach the file system, nor does what decoding a second time would
/// make of `%252e`.
std::optional<FilePath> file_path(std::string_view path, bool hidden_too, std::span<char> out) noexcept;

}  // namespace gatehouse::http
