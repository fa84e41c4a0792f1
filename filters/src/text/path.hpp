// Paths without //, /./ and x/../. Leading ../ of a relative path stay, an absolute one cannot climb above its root, and
// a slash at the end stays. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::text {

/// Room: in.size().
std::size_t normalize_path(std::string_view in, char* out) noexcept;
/// The same with every backslash read as a slash.
std::size_t normalize_path_win(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::text
