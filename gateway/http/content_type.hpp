// The Content-Type of a file by the ending of its name: what sites are made of. Pure; static text.
#pragma once

#include <string_view>

namespace gatehouse::http {

/// `text/html; charset=utf-8` for `a/index.html`; letter case of the ending ignored. `application/octet-stream` for what is
/// not in the table, or has no ending. Text is said to be UTF-8, since a browser would otherwise guess.
std::string_view content_type_of(std::string_view file_name) noexcept;

}  // namespace gatehouse::http
