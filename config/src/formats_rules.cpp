// Patterns of rules, what redirects and fixed replies may say, and the status codes that a health check accepts.
// The character sets and lengths are those of an ALB.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "formats.hpp"
#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

/// Names the first character that is not allowed, rather than only the value.
template <class Allowed>
std::optional<Complaint> refuse_other(const std::string& value, Allowed allowed, std::string_view what,
                                      std::string_view hint) {
  const auto bad = std::find_if_not(value.begin(), value.end(), allowed);
  if (bad == value.end()) return std::nullopt;
  return Complaint{fmt::format("{} {} holds the character {}", what, quote(value), quote(std::string_view(&*bad, 1))),
                   std::string(hint)};
}

// An ALB also asks for a dot and for letters after the last one. That would shut out localhost and addresses, which
// people match on while they develop, so it is not asked here.
std::optional<Complaint> check_host_pattern(std::string& value) {
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '*' || c == '?';
  };
  return refuse_other(value, allowed, "host pattern",
                      "letters, digits, '-', '.', '*' and '?'; the port is not compared");
}

std::optional<Complaint> check_path_pattern(std::string& value) {
  constexpr std::string_view signs = "-.$/~\"'@:+&*?";
  const auto allowed = [&](char c) { return is_word(c) || signs.find(c) != std::string_view::npos; };
  return refuse_other(value, allowed, "path pattern",
                      "letters, digits, _-.$/~\"'@:+& and the wildcards '*' and '?'; the query is not compared");
}

struct StatusRange {
  std::uint64_t low;
  std::uint64_t high;
};

/// "200" or "200-299" within 200-499, the range of Matcher.HttpCode.
std::optional<StatusRange> parse_status_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto low = parse_whole(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_whole(text.substr(dash + 1));
  if (!low || !high || *low < 200 || *high > 499 || *low > *high) return std::nullopt;
  return StatusRange{*low, *high};
}

std::optional<Complaint> check_matcher(std::string& value) {
  std::string_view rest = value;
  for (;;) {
    const std::size_t comma = rest.find(',');
    if (!parse_status_range(rest.substr(0, comma))) {
      return Complaint{fmt::format("{} is no matcher", quote(value)),
                       "codes from 200 to 499 as '200', '200,202' or '200-299', without spaces"};
    }
    if (comma == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(comma + 1);
  }
}

constexpr std::array<std::string_view, 5> placeholders{"#{protocol}", "#{host}", "#{port}", "#{path}", "#{query}"};

/// Every "#{" has to start a placeholder that exists. `value` without them is left in `literal`.
std::optional<Complaint> check_placeholders(const std::string& value, std::string& literal) {
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::size_t start = rest.find("#{");
    literal += rest.substr(0, start);
    if (start == std::string_view::npos) break;
    rest.remove_prefix(start);
    const auto known = [&](std::string_view placeholder) { return rest.starts_with(placeholder); };
    const auto found = std::find_if(placeholders.begin(), placeholders.end(), known);
    if (found == placeholders.end()) {
      return Complaint{fmt::format("unknown placeholder in {}", quote(value)),
                       "there are #{protocol}, #{host}, #{port}, #{path} and #{query}"};
    }
    rest.remove_prefix(found->size());
  }
  return std::nullopt;
}

/// #{protocol} and #{port} stand alone; host, path and query may have text around their placeholders.
std::optional<Complaint> check_protocol(std::string& value) {
  if (value == "HTTP" || value == "HTTPS" || value == "#{protocol}") return std::nullopt;
  return Complaint{fmt::format("expected HTTP, HTTPS or #{{protocol}}, found {}", quote(value)),
                   suggestion(value, {"HTTP", "HTTPS", "#{protocol}"}, "one of")};
}

std::optional<Complaint> check_port(std::string& value) {
  const auto port = parse_whole(value);
  if (value == "#{port}" || (port && *port >= 1 && *port <= 65535)) return std::nullopt;
  return Complaint{fmt::format("expected a port from 1 to 65535 or #{{port}}, found {}", quote(value)), {}};
}

std::optional<Complaint> check_redirect_host(std::string& value) {
  std::string literal;
  if (auto bad = check_placeholders(value, literal)) return bad;
  const auto allowed = [](char c) { return is_word(c) || c == '-' || c == '.' || c == '[' || c == ']'; };
  return refuse_other(literal, allowed, "host", "a host name or address, without scheme, port and path");
}

// What goes into a Location must not end its line nor need escaping (RFC 3986 2: URI characters only).
bool is_uri_character(char c) {
  constexpr std::string_view refused = "\"<>\\^`{|}#";
  return c > 0x20 && c < 0x7F && refused.find(c) == std::string_view::npos;
}

std::optional<Complaint> check_redirect_path(std::string& value) {
  std::string literal;
  if (auto bad = check_placeholders(value, literal)) return bad;
  if (!value.starts_with('/')) return Complaint{fmt::format("path {} does not start with '/'", quote(value)), {}};
  const auto allowed = [](char c) { return is_uri_character(c) && c != '?'; };
  return refuse_other(literal, allowed, "path", "percent-encode it; a query has its own key");
}

std::optional<Complaint> check_redirect_query(std::string& value) {
  std::string literal;
  if (auto bad = check_placeholders(value, literal)) return bad;
  if (value.starts_with('?')) return Complaint{"the query starts with '?'", "leave it out; it is added"};
  return refuse_other(literal, is_uri_character, "query", "percent-encode it");
}

std::optional<Complaint> check_content_type(std::string& value) {
  const std::vector<std::string_view> types{"text/plain", "text/css", "text/html", "application/javascript",
                                            "application/json"};
  if (std::find(types.begin(), types.end(), value) != types.end()) return std::nullopt;
  return Complaint{fmt::format("content type {} is not allowed", quote(value)), suggestion(value, types, "one of")};
}

}  // namespace

const Format host_pattern{"host pattern", "1-128 characters; `*` and `?`", 1, 128, check_host_pattern};
const Format path_pattern{"path pattern", "1-128 characters; `*` and `?`", 1, 128, check_path_pattern};
const Format status_matcher{"status codes", "200-499: `200`, `200,202`, `200-299`", 1, 128, check_matcher};
const Format redirect_protocol{"text", "`HTTP`, `HTTPS` or `#{protocol}`", 1, 16, check_protocol};
const Format redirect_host{"text", "1-128 characters", 1, 128, check_redirect_host};
const Format redirect_port{"text", "1-65535 or `#{port}`", 1, 16, check_port};
const Format redirect_path{"text", "1-128 characters, starts with `/`", 1, 128, check_redirect_path};
const Format redirect_query{"text", "0-128 characters, no leading `?`", 0, 128, check_redirect_query};
const Format content_type{"text",
                          "`text/plain`, `text/css`, `text/html`, `application/javascript` or `application/json`", 1,
                          64, check_content_type};
const Format message_body{"text", "0-1024 bytes", 0, 1024};

}  // namespace gatehouse::config
