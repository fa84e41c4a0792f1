// Addresses, names and paths; patterns and what actions hold are in formats_rules.cpp.
#include "formats.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "gatehouse/config/security_policy.hpp"
#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

/// Port 0 is let through here: a listener may have it, an origin may not.
std::optional<int> parse_port(std::string_view text) {
  const auto port = parse_whole(text);
  if (!port || *port > 65535) return std::nullopt;
  return static_cast<int>(*port);
}

/// The hint is for the mistake people make most: a URL, no port, IPv6 without brackets, an address left out.
Complaint bad_address(const std::string& value, std::string_view wanted) {
  const bool bare_v6 = std::count(value.begin(), value.end(), ':') > 1 && value.front() != '[';
  std::string hint;
  if (value.find("://") != std::string::npos) {
    hint = "leave the scheme out: address and port only";
  } else if (bare_v6) {
    hint = "an IPv6 address stands in brackets, with the port behind: '[::1]:8080'";
  } else if (is_ip_address(value)) {
    hint = "the port is missing";
  } else if (value.starts_with(':')) {
    hint = fmt::format("all addresses of the machine are '0.0.0.0{0}' or '[::]{0}'", value);
  }
  return {fmt::format("expected {}, found {}", wanted, quote(value)), hint};
}

std::optional<Complaint> check_name(std::string& value) {
  if (std::all_of(value.begin(), value.end(), [](char c) { return is_word(c) || c == '-' || c == '.'; })) return {};
  return Complaint{fmt::format("{} is no name", quote(value)), "use letters, digits, '-', '_' and '.'"};
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  // Underscores are no part of a host name in RFC 1123, but container networks are full of them.
  const auto allowed = [](char c) { return is_word(c) || c == '-' || c == '.'; };
  return std::all_of(host.begin(), host.end(), allowed) && host.find("..") == std::string_view::npos;
}

std::optional<Complaint> check_field_name(std::string& value) {
  // RFC 9110 5.6.2: a token.
  constexpr std::string_view marks = "!#$%&'*+-.^`|~";
  const bool token = std::all_of(value.begin(), value.end(), [&](char c) { return is_word(c) || marks.find(c) != marks.npos; });
  if (token) return {};
  return Complaint{fmt::format("{} is no name of a header field", quote(value)), "a name such as 'Cache-Control'"};
}

std::optional<Complaint> check_host_name(std::string& value) {
  if (is_host_name(value) || is_ip_address(value)) return {};
  return Complaint{fmt::format("{} is no host name", quote(value)), "write the name alone, without scheme and port"};
}

std::optional<Complaint> check_listen(std::string& value) {
  constexpr std::string_view wanted = "an IP address and a port, such as '0.0.0.0:8080' or '[::]:8080'";
  // The one name whose address nobody has to ask for.
  if (value.starts_with("localhost:")) value.replace(0, std::string_view("localhost").size(), "127.0.0.1");
  const auto parts = split_address(value);
  if (parts && is_ip_address(parts->host)) return {};
  if (parts && is_host_name(parts->host)) {
    return Complaint{bad_address(value, wanted).message, "a listener binds an address; names are not resolved for it"};
  }
  return bad_address(value, wanted);
}

std::optional<Complaint> check_admin(std::string& value) {
  constexpr std::string_view scheme = "unix:";
  if (!value.starts_with(scheme)) return check_listen(value);
  const std::string_view path = std::string_view(value).substr(scheme.size());
  constexpr std::size_t path_max = 107;  // sizeof(sockaddr_un::sun_path) without the terminator
  if (!path.starts_with('/'))
    return Complaint{"the path of a unix socket has to be absolute", "unix:/run/gatehouse.sock"};
  if (path.size() > path_max) return Complaint{fmt::format("a unix socket's path has at most {} bytes", path_max), {}};
  return {};
}

std::optional<Complaint> check_origin(std::string& value) {
  constexpr std::string_view wanted = "an address and a port, such as '10.0.0.7:8080', '[fd00::7]:8080' or 'web:8080'";
  const auto parts = split_address(value);
  if (!parts || !(is_ip_address(parts->host) || is_host_name(parts->host))) return bad_address(value, wanted);
  if (parts->port == 0) return Complaint{"port 0 cannot be connected to", "use the port the origin listens on"};
  return {};
}

/// The network part of `bytes` with everything behind `bits` cleared; says whether that changed anything.
bool clear_host_bits(std::array<std::uint8_t, 16>& bytes, std::size_t length, std::size_t bits) {
  bool changed = false;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t kept = bits >= (i + 1) * 8 ? 8 : bits <= i * 8 ? 0 : bits - i * 8;
    const auto mask = static_cast<std::uint8_t>(0xFF00u >> kept);
    changed = changed || (bytes[i] & static_cast<std::uint8_t>(~mask)) != 0;
    bytes[i] &= mask;
  }
  return changed;
}

std::optional<Complaint> check_cidr(std::string& value) {
  const Complaint bad{fmt::format("{} is no CIDR block", quote(value)),
                      "such as '10.0.0.0/8', '2001:db8::/32' or '192.0.2.7'"};
  // A lone address gets the longest prefix, so that whoever reads the struct sees blocks only.
  const std::size_t slash = value.find('/');
  const std::string address = value.substr(0, slash);
  std::array<std::uint8_t, 16> bytes{};
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(family, address.c_str(), bytes.data()) != 1) return bad;
  const std::size_t length = family == AF_INET ? 4 : 16;
  if (slash == std::string::npos) {
    value += fmt::format("/{}", length * 8);
    return {};
  }
  const auto bits = parse_whole(std::string_view(value).substr(slash + 1));
  if (!bits || *bits > length * 8) return bad;
  // 10.0.0.1/8 is read as 10.0.0.0/8 by some and as 10.0.0.1 by others: in an access list neither may be guessed.
  if (!clear_host_bits(bytes, length, *bits)) return {};
  char network[INET6_ADDRSTRLEN] = {};
  inet_ntop(family, bytes.data(), network, sizeof network);
  return Complaint{fmt::format("{} has address bits set behind its prefix", quote(value)),
                   fmt::format("did you mean '{}/{}' or '{}'?", network, *bits, address)};
}

/// RFC 9112 3.2.1: origin-form, which has no fragment and no white space.
std::optional<Complaint> check_request_path(std::string& value) {
  const auto allowed = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
  if (value.starts_with('/') && std::all_of(value.begin(), value.end(), allowed)) return {};
  return Complaint{fmt::format("{} is no request path", quote(value)),
                   "it starts with '/' and has no spaces, '#' or characters beyond ASCII; it may hold a query"};
}

/// The prefix is what people leave out, so it is tried first.
std::optional<Complaint> check_policy(std::string& value) {
  if (find_security_policy(value) != nullptr) return {};
  constexpr std::string_view prefix = "ELBSecurityPolicy-";
  if (find_security_policy(std::string(prefix) + value) != nullptr) {
    return Complaint{fmt::format("unknown security policy {}", quote(value)),
                     fmt::format("did you mean {}?", quote(std::string(prefix) + value))};
  }
  std::vector<std::string_view> names;
  for (const SecurityPolicy& policy : security_policies()) names.push_back(policy.name);
  const auto near = nearest(value, names);
  return Complaint{fmt::format("unknown security policy {}", quote(value)),
                   fmt::format("did you mean {}?", quote(near.value_or(names.front())))};
}

}  // namespace

const Format plain_text{"text", ""};
const Format name{"name", "1-64 letters, digits, `-` `_` `.`", 1, 64, check_name};
const Format listen_address{"address", "IP:port; port 0 takes a free one", 1, 64, check_listen};
const Format admin_address{"address", "IP:port or unix:/path", 1, 128, check_admin};
const Format origin_address{"address", "IP:port, [IPv6]:port or name:port", 1, 300, check_origin};
const Format cidr_block{"CIDR block", "IPv4 or IPv6; a lone address is a block of one", 1, 64, check_cidr};
const Format field_name{"header field", "1-128 characters", 1, 128, check_field_name};
const Format host_name{"host name", "1-253 characters", 1, 253, check_host_name};
const Format request_path{"request path", "1-1024 characters, starts with `/`", 1, 1024, check_request_path};
const Format policy_name{"policy name", "an AWS security policy", 1, 64, check_policy};
const Format file_name{"file", "relative names start at this file's folder", 1, 4096, nullptr, true};
const Format log_target{"file", "`stdout`, `stderr`, `off` or a file name", 1, 4096, nullptr, true};

std::optional<HostPort> split_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const auto port = parse_port(address.substr(colon + 1));
  if (!port || host.empty()) return std::nullopt;
  // RFC 3986 3.2.2: an IPv6 address stands in brackets, and nothing else does.
  if (host.front() == '[') {
    if (!host.ends_with(']')) return std::nullopt;
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  return HostPort{std::string(host), *port};
}

bool is_ip_address(const std::string& host) {
  std::array<std::uint8_t, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace gatehouse::config
