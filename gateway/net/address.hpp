// Address: where a TCP connection goes to or comes from: an IP address of either family with a port. A value; any
// thread. Text is written into the caller's room, so that the data plane allocates nothing for it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/filters/address.hpp"

namespace gatehouse::net {

class Address {
 public:
  static constexpr std::size_t text_max = 56;  // [ipv6]:port

  Address() = default;
  Address(const filters::Address& ip, std::uint16_t port) noexcept : ip_(ip), port_(port) {}

  /// Of a socket call's result; 0.0.0.0:0 for families that are not IP.
  static Address from_socket(const sockaddr* address, socklen_t size) noexcept;
  /// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]:80`. A missing port is 0.
  static std::optional<Address> parse(std::string_view text) noexcept;

  const filters::Address& ip() const noexcept { return ip_; }
  std::uint16_t port() const noexcept { return port_; }
  bool is_loopback() const noexcept;

  /// The address without its port, as it stands in X-Forwarded-For.
  std::string_view write_ip(std::span<char> room) const noexcept;
  /// `1.2.3.4:80` or `[::1]:80`.
  std::string_view write(std::span<char> room) const noexcept;
  std::string text() const;

  auto operator<=>(const Address&) const = default;

 private:
  filters::Address ip_;
  std::uint16_t port_{0};
};

/// The form socket calls want.
class SocketAddress {
 public:
  explicit SocketAddress(const Address& address) noexcept;
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return storage_.ss_family; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_{0};
};

/// `host:port` cut in two; an IPv6 host comes without its brackets. Nothing when there is no valid port.
struct HostPort {
  std::string_view host;
  std::uint16_t port{0};
};
std::optional<HostPort> split_host_port(std::string_view text) noexcept;

}  // namespace gatehouse::net
