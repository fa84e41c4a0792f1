// Backslash escapes of JavaScript, CSS and C, read as ModSecurity v2 reads them: tolerant of everything, and a backslash
// that escapes nothing known is dropped. Room for all: in.size(). Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::filters::text {

/// \uHHHH (full-width forms become ASCII, otherwise the low byte), \xHH, \O to \OOO, \a \b \f \n \r \t \v.
std::size_t js_decode(std::string_view in, char* out) noexcept;
/// A backslash and one to six hexadecimal digits, with one blank after them; backslash-newline is nothing.
std::size_t css_decode(std::string_view in, char* out) noexcept;
/// ANSI C: \a \b \f \n \r \t \v \\ \? \' \", \xHH, \O to \OOO.
std::size_t escape_seq_decode(std::string_view in, char* out) noexcept;

}  // namespace gatehouse::filters::text
