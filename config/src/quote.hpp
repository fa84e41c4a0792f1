// Text on its way into a message or a JSON document: control characters cannot move a terminal's cursor, long values
// are cut, bytes that are not UTF-8 cannot break a JSON reader. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::config {

bool is_utf8(std::string_view text) noexcept;

/// 'text' for a message: at most 60 bytes of it, control characters as \xNN.
std::string quote(std::string_view text);

/// "text" as a JSON string, with its quotes.
std::string json_quoted(std::string_view text);

}  // namespace gatehouse::config
