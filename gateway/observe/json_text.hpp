// Text as the inside of a JSON string (RFC 8259 7), for logs. Whatever the bytes are, the result is valid UTF-8 without
// control characters: quote, backslash, C0, DEL and C1 controls are escaped, and so are the line and paragraph
// separators and the marks that turn the direction of text, since logs are read on terminals; each byte that is not
// part of valid UTF-8 becomes U+FFFD. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::observe {

/// The most bytes json_escape() may touch for n bytes of text; the clean path stores 16 at a time.
constexpr std::size_t json_escape_bound(std::size_t n) noexcept { return n * 6 + 16; }

/// Writes the escaped text and returns the place after it.
char* json_escape(char* out, std::string_view text) noexcept;

/// How long the escaped text is. For when the bound is too much to ask for.
std::size_t json_escaped_size(std::string_view text) noexcept;

/// Appends the text as a JSON string, with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace gatehouse::observe
