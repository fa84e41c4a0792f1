#include "gateway/http/target.hpp"

#include "gatehouse/filters/address.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// Where a path's valid characters end: at '?' or '#', at the end, or at what is wrong.
std::size_t valid_part(std::string_view text) noexcept {
  std::size_t i = 0;
  for (;;) {
    while (i < text.size() && is_char(text[i], char_target)) ++i;
    if (text.size() - i < 3 || text[i] != '%') return i;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    // %00 ends a string for too many readers to be let through (it also is in no file name).
    if (high < 0 || low < 0 || high + low == 0) return i;
    i += 3;
  }
}

/// Cuts `path` or `path?query` into its parts.
bool cut_path(std::string_view text, Target& target) noexcept {
  const std::size_t path_size = valid_part(text);
  target.path = text.substr(0, path_size);
  if (path_size == text.size()) return true;
  if (text[path_size] != '?') return false;
  target.has_query = true;
  target.query = text.substr(path_size + 1);
  return valid_query(target.query);
}

Target invalid() noexcept { return Target{}; }

Target parse_absolute_form(std::string_view text, bool is_options) noexcept {
  Target target;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return invalid();
  target.scheme = text.substr(0, colon);
  // Others make no sense at a gateway: there is no origin to reach by them.
  if (!equals_ignoring_case(target.scheme, "http") && !equals_ignoring_case(target.scheme, "https")) return invalid();
  text.remove_prefix(colon + 3);
  const std::size_t authority_size = text.find_first_of("/?#");
  target.authority = text.substr(0, authority_size);
  if (!valid_authority(target.authority)) return invalid();
  text.remove_prefix(target.authority.size());
  if (!cut_path(text, target)) return invalid();
  // RFC 9112 3.2.4: OPTIONS of a URI without path and query asks the server itself. RFC 9110 4.2.3: else "" is "/".
  if (target.path.empty()) target.path = is_options && !target.has_query ? "*" : "/";
  target.form = TargetForm::absolute;
  return target;
}

/// Splits an authority into host and what follows it, without looking at the port.
std::size_t host_size(std::string_view authority) noexcept {
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    return close == std::string_view::npos ? authority.size() : close + 1;
  }
  const std::size_t colon = authority.find(':');
  return colon == std::string_view::npos ? authority.size() : colon;
}

bool valid_host(std::string_view host) noexcept {
  if (host.empty()) return false;
  if (host.front() != '[') return all_chars(host, char_reg_name);
  if (host.size() < 4 || host.back() != ']') return false;
  const std::string_view inside = host.substr(1, host.size() - 2);
  // Dotted decimal alone is no IPv6 address, though an address it is.
  return inside.find(':') != std::string_view::npos && filters::parse_address(inside).has_value();
}

/// The number behind a port's colon; -1 when it is none from 1 to 65535. Leading zeros are digits (RFC 3986 3.2.3).
int port_number(std::string_view digits) noexcept {
  int port = 0;
  for (const char c : digits) {
    if (!is_char(c, char_digit)) return -1;
    port = port * 10 + (c - '0');
    if (port > 65535) return -1;
  }
  return port == 0 ? -1 : port;
}

}  // namespace

Target parse_target(std::string_view text, bool is_options) noexcept {
  if (text.empty()) return invalid();
  Target target;
  if (text.front() == '/') {
    if (!cut_path(text, target)) return invalid();
    target.form = TargetForm::origin;
    return target;
  }
  if (text != "*") return parse_absolute_form(text, is_options);
  if (!is_options) return invalid();
  target.path = text;
  target.form = TargetForm::asterisk;
  return target;
}

Target parse_authority_form(std::string_view text) noexcept {
  if (!valid_authority(text) || port_of(text) == 0) return invalid();
  Target target;
  target.authority = text;
  target.form = TargetForm::authority;
  return target;
}

bool valid_authority(std::string_view text) noexcept {
  const std::size_t size = host_size(text);
  if (!valid_host(text.substr(0, size))) return false;
  const std::string_view rest = text.substr(size);
  if (rest.empty() || rest == ":") return true;
  return rest.front() == ':' && port_number(rest.substr(1)) > 0;
}

bool valid_path(std::string_view text) noexcept { return valid_part(text) == text.size(); }

bool valid_query(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_char(c, char_target) && c != '?' && c != '%') return false;  // RFC 3986 3.4: unlike a path it may have '?'
  }
  return true;
}

std::string_view host_without_port(std::string_view authority) noexcept {
  return authority.substr(0, host_size(authority));
}

std::uint16_t port_of(std::string_view authority) noexcept {
  const std::string_view rest = authority.substr(host_size(authority));
  if (rest.size() < 2) return 0;
  const int port = port_number(rest.substr(1));
  return port > 0 ? static_cast<std::uint16_t>(port) : 0;
}

}  // namespace gatehouse::http
