#include "gateway/net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>

namespace gatehouse::net {

Address Address::from_socket(const sockaddr* address, socklen_t size) noexcept {
  Address result;
  if (address->sa_family == AF_INET && size >= socklen_t{sizeof(sockaddr_in)}) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    result.ip_ = filters::Address::from_v4(ntohl(v4.sin_addr.s_addr));
    result.port_ = ntohs(v4.sin_port);
  } else if (address->sa_family == AF_INET6 && size >= socklen_t{sizeof(sockaddr_in6)}) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    std::memcpy(result.ip_.bytes.data(), v6.sin6_addr.s6_addr, 16);
    result.port_ = ntohs(v6.sin6_port);
  }
  return result;
}

std::optional<Address> Address::parse(std::string_view text) noexcept {
  if (const auto plain = filters::parse_address(text)) return Address(*plain, 0);
  if (text.starts_with('[') && text.ends_with(']')) {
    const auto bracketed = filters::parse_address(text.substr(1, text.size() - 2));
    return bracketed ? std::optional(Address(*bracketed, 0)) : std::nullopt;
  }
  const auto cut = split_host_port(text);
  if (!cut) return std::nullopt;
  const auto ip = filters::parse_address(cut->host);
  return ip ? std::optional(Address(*ip, cut->port)) : std::nullopt;
}

bool Address::is_loopback() const noexcept {
  if (ip_.is_v4()) return (ip_.v4() >> 24) == 127;
  filters::Address loopback;
  loopback.bytes[15] = 1;
  return ip_ == loopback;
}

std::string_view Address::write_ip(std::span<char> room) const noexcept {
  char* at = room.data();
  if (!ip_.is_v4()) {
    ::inet_ntop(AF_INET6, ip_.bytes.data(), at, static_cast<socklen_t>(room.size()));
    return {at, std::strlen(at)};
  }
  char* const end = at + room.size();
  for (int shift = 24; shift >= 0; shift -= 8) {
    at = std::to_chars(at, end, (ip_.v4() >> shift) & 255u).ptr;
    if (shift != 0) *at++ = '.';
  }
  return {room.data(), static_cast<std::size_t>(at - room.data())};
}

std::string_view Address::write(std::span<char> room) const noexcept {
  char* at = room.data();
  if (ip_.is_v4()) {
    at += write_ip(room).size();
  } else {
    *at++ = '[';
    at += write_ip(room.subspan(1)).size();
    *at++ = ']';
  }
  *at++ = ':';
  at = std::to_chars(at, room.data() + room.size(), port_).ptr;
  return {room.data(), static_cast<std::size_t>(at - room.data())};
}

std::string Address::text() const {
  std::array<char, text_max> room;
  return std::string(write(room));
}

SocketAddress::SocketAddress(const Address& address) noexcept {
  if (address.ip().is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    v4.sin_addr.s_addr = htonl(address.ip().v4());
    std::memcpy(&storage_, &v4, sizeof v4);
    size_ = sizeof v4;
    return;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port());
  std::memcpy(v6.sin6_addr.s6_addr, address.ip().bytes.data(), 16);
  std::memcpy(&storage_, &v6, sizeof v6);
  size_ = sizeof v6;
}

std::optional<HostPort> split_host_port(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address needs brackets
  }
  return HostPort{host, port};
}

}  // namespace gatehouse::net
