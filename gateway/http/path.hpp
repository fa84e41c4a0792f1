// Dot segments of a path (RFC 3986 5.2.4), plain or percent-encoded: `/a/../b`, `/a/%2E%2e/b`. They are resolved once,
// before any rule looks at the path, and the origin gets the resolved form, so that no two readers can disagree on what
// was asked for. Nothing else is decoded: `%2F` stays as it is, since it is not a separator. Pure.
#pragma once

#include <span>
#include <string_view>

namespace gatehouse::http {

/// Whether some segment is `.` or `..`. Cheap for paths that have none.
bool has_dot_segments(std::string_view path) noexcept;

/// The path without them, written to `out`, which has at least the path's size. Never leaves the root.
std::string_view resolve_dot_segments(std::string_view path, std::span<char> out) noexcept;

}  // namespace gatehouse::http
