// What a target group's requests are sent with: a path before theirs, fields, credentials.
#include <fmt/format.h>

#include <algorithm>

#include "formats.hpp"
#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

// RFC 3986 3.3: what a path consists of. Percent signs are left to the one who writes them.
std::optional<Complaint> check_origin_path(std::string& value) {
  constexpr std::string_view marks = "/-._~!$&'()*+,;=:@%";
  const auto allowed = [&](char c) { return is_word(c) || marks.find(c) != marks.npos; };
  if (!std::all_of(value.begin(), value.end(), allowed)) {
    return Complaint{fmt::format("{} is no path", quote(value)), "percent-encode what is neither a letter nor a digit; it has no query"};
  }
  if (!value.starts_with('/')) return Complaint{fmt::format("{} does not start with '/'", quote(value)), fmt::format("'/{}'", value)};
  if (value.ends_with('/')) {
    return Complaint{fmt::format("{} ends with '/'", quote(value)), "the path of the request begins with one; without a prefix leave the key out"};
  }
  return {};
}

std::optional<Complaint> check_sent_name(std::string& value) { return field_name.check(value); }

/// RFC 9110 5.5, without obs-text: what every origin reads in the same way.
std::optional<Complaint> check_sent_value(std::string& value) {
  const bool visible = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (visible && value.front() != ' ' && value.back() != ' ') return {};
  return Complaint{"is no value of a header field", "printable ASCII, without spaces around it"};
}

std::optional<Complaint> check_credential(std::string& value) {
  if (std::all_of(value.begin(), value.end(), [](char c) { return is_word(c) || c == '-'; })) return {};
  return Complaint{fmt::format("{} is not in the form of AWS's names", quote(value)), "letters, digits, '-' and '_'"};
}

}  // namespace

const Format origin_path{"path", "1-255 characters, starts with `/`, does not end with it", 1, 255, check_origin_path};
const Format sent_field_name{"header field", "1-256 characters", 1, 256, check_sent_name};
const Format sent_field_value{"text", "1-1783 printable characters", 1, 1783, check_sent_value};
const Format credential{"text", "1-128 letters, digits, `-` `_`", 1, 128, check_credential};

}  // namespace gatehouse::config
