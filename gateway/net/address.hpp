// Address: where a socket is: an IPv4 or IPv6 address with a port, or the path of a unix socket. A plain value of fixed
// size. IPv4 inside IPv6 (::ffff:a.b.c.d) is the IPv4 address it stands for, so one client looks the same on every
// listener. Text goes into the caller's memory: nothing here allocates. Any thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "gatehouse/filters/address.hpp"

namespace gatehouse::net {

class Address {
 public:
  /// Room that every write() fits in.
  static constexpr std::size_t text_max = 120;
  static constexpr std::size_t path_max = 107;  // of a unix socket, without the terminator

  /// No address at all; connecting to it fails.
  Address() = default;
  Address(const filters::Address& ip, std::uint16_t port) noexcept : kind_(Kind::ip), port_(port) {
    std::memcpy(bytes_.data(), ip.bytes.data(), ip.bytes.size());
  }

  /// Reads `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80` and `unix:/path`. Without a port it is 0. Names are not
  /// addresses: split_host_port() and the resolver are for them.
  static std::optional<Address> parse(std::string_view text) noexcept;
  /// What accept(2) or getsockname(2) told. An unknown family gives no address.
  static Address from_socket(const sockaddr* address, socklen_t size) noexcept;

  explicit operator bool() const noexcept { return kind_ != Kind::none; }
  bool is_ip() const noexcept { return kind_ == Kind::ip; }
  bool is_unix() const noexcept { return kind_ == Kind::unix_path; }
  bool is_v4() const noexcept { return is_ip() && ip().is_v4(); }
  /// 127.0.0.0/8, ::1 or a unix socket: the peer is this machine.
  bool is_loopback() const noexcept;

  /// The IP address; all zero when this is not one.
  filters::Address ip() const noexcept;
  std::uint16_t port() const noexcept { return port_; }
  Address with_port(std::uint16_t port) const noexcept;
  /// The path of a unix socket; empty when this is not one.
  std::string_view path() const noexcept;

  /// The text with port (`[::1]:80`, `unix:/path`), written into `room`, which holds text_max bytes.
  std::string_view write(std::span<char> room) const noexcept;
  /// The text without port and brackets.
  std::string_view write_ip(std::span<char> room) const noexcept;

  bool operator==(const Address& other) const noexcept {
    return kind_ == other.kind_ && port_ == other.port_ && bytes_ == other.bytes_;
  }
  std::strong_ordering operator<=>(const Address& other) const noexcept;

 private:
  enum class Kind : std::uint8_t { none, ip, unix_path };

  Kind kind_{Kind::none};
  std::uint16_t port_{0};
  // The 16 bytes of the IP address, or the path; what follows is zero, so that comparing needs no case.
  std::array<char, path_max + 1> bytes_{};
};

/// The address in the form the socket calls take. IPv4 goes as AF_INET.
class SocketAddress {
 public:
  explicit SocketAddress(const Address& address) noexcept;
  int family() const noexcept { return storage_.ss_family; }
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_{0};
};

/// The two parts of `host:port`; a host in brackets is given without them.
struct HostPort {
  std::string_view host;
  std::optional<std::uint16_t> port;
};
/// Splits `host:port`, `host`, `[::1]:80`; nothing when the text is neither. The host is not looked at further.
std::optional<HostPort> split_host_port(std::string_view text) noexcept;

}  // namespace gatehouse::net
