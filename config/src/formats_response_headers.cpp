// What response headers policies hold: texts of fields, names and origins of cross-origin requests.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats.hpp"
#include "nearest.hpp"
#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

/// RFC 9110 5.5: visible characters, spaces and tabs between them.
std::optional<Complaint> check_field_value(std::string& value) {
  const auto allowed = [](char c) { return c == '\t' || static_cast<unsigned char>(c) >= 0x20; };
  if (!std::all_of(value.begin(), value.end(), allowed) || value.find('\x7f') != value.npos) {
    return Complaint{"a field's text has no control characters or line ends", "write it in one line"};
  }
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (!value.empty() && (blank(value.front()) || blank(value.back()))) {
    return Complaint{"a field's text neither begins nor ends with a space", "spaces there do not survive; leave them out"};
  }
  return {};
}

std::optional<Complaint> check_cors_field(std::string& value) {
  if (value == "*") return {};
  return field_name.check(value);
}

/// [scheme://]host[:port], and one star in front.
std::optional<Complaint> check_cors_origin(std::string& value) {
  if (value == "*" || value == "null") return {};
  std::string rest = value;
  const std::size_t scheme = rest.find("://");
  const bool known_scheme = scheme == rest.npos || (rest.compare(0, scheme, "http") == 0 || rest.compare(0, scheme, "https") == 0);
  if (scheme != rest.npos) rest.erase(0, scheme + 3);
  if (rest.starts_with("*.")) rest.erase(0, 2);
  const std::size_t colon = rest.rfind(':');
  std::string host = rest.substr(0, colon);
  const bool port = colon == rest.npos || (colon + 1 < rest.size() && std::all_of(rest.begin() + static_cast<std::ptrdiff_t>(colon) + 1, rest.end(), is_digit));
  if (known_scheme && port && host.find('*') == host.npos && !host.empty() && !host_name.check(host)) return {};
  return Complaint{fmt::format("{} is no origin", quote(value)),
                   "such as '*', 'https://shop.example' or '*.shop.example'; a star stands for the leftmost names, and there is no path"};
}

std::optional<Complaint> check_referrer_policy(std::string& value) {
  const std::vector<std::string_view> words{"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
                                            "strict-origin", "strict-origin-when-cross-origin", "unsafe-url"};
  if (std::find(words.begin(), words.end(), value) != words.end()) return {};
  return Complaint{fmt::format("{} is no referrer policy", quote(value)), suggestion(value, words, "one of")};
}

}  // namespace

const Format field_value{"text", "0-1783 characters of one line", 0, 1783, check_field_value};
const Format cors_field{"header field", "1-128 characters, or `*`", 1, 128, check_cors_field};
const Format cors_origin{"origin", "`*`, or a host with or without scheme and port; `*.` in front is all below it", 1, 300, check_cors_origin};
const Format referrer_policy_word{"referrer policy", "a word of the Referrer-Policy standard", 1, 64, check_referrer_policy};

}  // namespace gatehouse::config
