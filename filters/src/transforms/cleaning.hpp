// The transformations that take things out of a value: blanks, NULs, comments, the disguises of shell commands. Each
// writes to `out`, which has room for in.size() bytes, and returns the size written. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::cleaning {

std::size_t lowercase(std::string_view in, char* out) noexcept;
std::size_t uppercase(std::string_view in, char* out) noexcept;
std::size_t remove_nulls(std::string_view in, char* out) noexcept;
std::size_t replace_nulls(std::string_view in, char* out) noexcept;
std::size_t remove_whitespace(std::string_view in, char* out) noexcept;
std::size_t compress_whitespace(std::string_view in, char* out) noexcept;

/// Deletes \ " ' ^, makes one space of every run of blanks, commas and semicolons, drops that space before / and (.
std::size_t cmd_line(std::string_view in, char* out) noexcept;

/// Each C comment becomes a space; one that is not closed reaches to the end.
std::size_t replace_comments(std::string_view in, char* out) noexcept;
/// Deletes C and HTML comments; -- and # end the value. An open comment becomes a space at the end.
std::size_t remove_comments(std::string_view in, char* out) noexcept;
/// Deletes the markers alone: /* */ <!-- --> -- #.
std::size_t remove_comments_char(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::cleaning
