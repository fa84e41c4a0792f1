#include "gateway/net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace gatehouse::net {
namespace {

constexpr std::string_view unix_prefix = "unix:";

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  if (text.empty() || text.front() == '+' || text.front() == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

/// Writes into the caller's room and remembers how far it came; what does not fit is cut.
class Writer {
 public:
  explicit Writer(std::span<char> room) noexcept : begin_(room.data()), at_(begin_), end_(begin_ + room.size()) {}

  Writer& text(std::string_view bytes) noexcept {
    const std::size_t n = std::min(bytes.size(), static_cast<std::size_t>(end_ - at_));
    at_ = std::copy_n(bytes.data(), n, at_);
    return *this;
  }
  Writer& number(unsigned value) noexcept {
    const auto [next, error] = std::to_chars(at_, end_, value);
    if (error == std::errc()) at_ = next;
    return *this;
  }
  std::string_view done() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

void write_ip_to(Writer& out, const filters::Address& ip) noexcept {
  if (ip.is_v4()) {
    for (std::size_t i = 12; i < 16; ++i) out.text(i == 12 ? "" : ".").number(ip.bytes[i]);
    return;
  }
  // inet_ntop writes RFC 5952 form but for two cases that cannot come here: IPv4-mapped, which is IPv4 by now, and the
  // deprecated IPv4-compatible form, where it is as good as any.
  char text[INET6_ADDRSTRLEN];
  if (::inet_ntop(AF_INET6, ip.bytes.data(), text, sizeof text) != nullptr) out.text(text);
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) noexcept {
  if (text.starts_with(unix_prefix)) {
    const std::string_view path = text.substr(unix_prefix.size());
    if (path.empty() || path.size() > path_max || path.find('\0') != std::string_view::npos) return std::nullopt;
    Address address;
    address.kind_ = Kind::unix_path;
    std::copy(path.begin(), path.end(), address.bytes_.begin());
    return address;
  }
  // An IPv6 address without brackets has no port: which of its colons would begin it?
  if (const auto whole = filters::parse_address(text)) return Address(*whole, 0);
  const auto parts = split_host_port(text);
  if (!parts) return std::nullopt;
  const auto ip = filters::parse_address(parts->host);
  const bool bracketed = text.front() == '[';
  if (!ip || bracketed != (parts->host.find(':') != std::string_view::npos)) return std::nullopt;
  return Address(*ip, parts->port.value_or(0));
}

Address Address::from_socket(const sockaddr* address, socklen_t size) noexcept {
  filters::Address ip;
  if (size >= sizeof(sockaddr_in) && address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return Address(filters::Address::from_v4(ntohl(v4->sin_addr.s_addr)), ntohs(v4->sin_port));
  }
  if (size >= sizeof(sockaddr_in6) && address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::memcpy(ip.bytes.data(), v6->sin6_addr.s6_addr, 16);
    return Address(ip, ntohs(v6->sin6_port));
  }
  Address result;
  if (size >= sizeof(sa_family_t) && address->sa_family == AF_UNIX) {
    // The client end of a unix socket has no path: still a unix socket.
    result.kind_ = Kind::unix_path;
    const char* path = reinterpret_cast<const sockaddr_un*>(address)->sun_path;
    const std::size_t room = std::min(size - offsetof(sockaddr_un, sun_path), path_max);
    if (size > offsetof(sockaddr_un, sun_path)) std::copy_n(path, ::strnlen(path, room), result.bytes_.data());
  }
  return result;
}

bool Address::is_loopback() const noexcept {
  if (is_unix()) return true;
  if (!is_ip()) return false;
  const filters::Address address = ip();
  if (address.is_v4()) return address.v4() >> 24 == 127;
  return std::all_of(address.bytes.begin(), address.bytes.end() - 1, [](auto byte) { return byte == 0; }) &&
         address.bytes[15] == 1;
}

filters::Address Address::ip() const noexcept {
  filters::Address ip;
  if (is_ip()) std::memcpy(ip.bytes.data(), bytes_.data(), ip.bytes.size());
  return ip;
}

Address Address::with_port(std::uint16_t port) const noexcept {
  Address other = *this;
  if (is_ip()) other.port_ = port;
  return other;
}

std::string_view Address::path() const noexcept {
  return is_unix() ? std::string_view(bytes_.data()) : std::string_view();
}

std::string_view Address::write(std::span<char> room) const noexcept {
  Writer out(room);
  if (is_unix()) return out.text(unix_prefix).text(path()).done();
  if (!is_ip()) return out.text("-").done();
  const bool brackets = !is_v4();
  if (brackets) out.text("[");
  write_ip_to(out, ip());
  return out.text(brackets ? "]:" : ":").number(port_).done();
}

std::string_view Address::write_ip(std::span<char> room) const noexcept {
  if (!is_ip()) return write(room);
  Writer out(room);
  write_ip_to(out, ip());
  return out.done();
}

std::strong_ordering Address::operator<=>(const Address& other) const noexcept {
  if (const auto by_kind = kind_ <=> other.kind_; by_kind != 0) return by_kind;
  // As unsigned bytes, so that addresses sort as numbers do.
  const int by_bytes = std::memcmp(bytes_.data(), other.bytes_.data(), bytes_.size());
  return by_bytes != 0 ? by_bytes <=> 0 : port_ <=> other.port_;
}

SocketAddress::SocketAddress(const Address& address) noexcept {
  if (address.is_unix()) {
    auto* to = reinterpret_cast<sockaddr_un*>(&storage_);
    to->sun_family = AF_UNIX;
    const std::string_view path = address.path();
    std::copy(path.begin(), path.end(), to->sun_path);
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  } else if (address.is_v4()) {
    auto* to = reinterpret_cast<sockaddr_in*>(&storage_);
    to->sin_family = AF_INET;
    to->sin_addr.s_addr = htonl(address.ip().v4());
    to->sin_port = htons(address.port());
    size_ = sizeof(sockaddr_in);
  } else if (address.is_ip()) {
    auto* to = reinterpret_cast<sockaddr_in6*>(&storage_);
    to->sin6_family = AF_INET6;
    std::memcpy(to->sin6_addr.s6_addr, address.ip().bytes.data(), 16);
    to->sin6_port = htons(address.port());
    size_ = sizeof(sockaddr_in6);
  }
}

std::optional<HostPort> split_host_port(std::string_view text) noexcept {
  HostPort parts;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    parts.host = text.substr(0, text.find(':'));
    rest = text.substr(parts.host.size());
  }
  if (parts.host.empty()) return std::nullopt;
  if (rest.empty()) return parts;
  if (rest.front() != ':') return std::nullopt;
  parts.port = parse_port(rest.substr(1));
  if (!parts.port) return std::nullopt;
  return parts;
}

}  // namespace gatehouse::net
