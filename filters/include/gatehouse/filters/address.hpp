// Address and Cidr: IP addresses as filters compare them. Both families share one 16-byte form, IPv4 as ::ffff:a.b.c.d
// (RFC 4291 2.5.5.2), so an IPv4 client that reaches an IPv6 socket is still an IPv4 client. Parsing is strict: no
// octal, no missing parts, no zone. Pure values; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::filters {

struct Address {
  std::array<std::uint8_t, 16> bytes{};

  /// Whether this is an IPv4 address, mapped or not.
  bool is_v4() const noexcept;
  /// The IPv4 address as a number. Only when is_v4().
  std::uint32_t v4() const noexcept;
  static Address from_v4(std::uint32_t number) noexcept;

  auto operator<=>(const Address&) const = default;
};

/// The address a text stands for, or nothing. Takes IPv4 dotted decimal and every IPv6 form of RFC 4291 2.2.
std::optional<Address> parse_address(std::string_view text) noexcept;
/// The canonical text (RFC 5952 for IPv6; mapped addresses as IPv4).
std::string to_string(const Address& address);

/// A block of addresses. The length counts from the left of the 128-bit form: 96 to 128 for IPv4.
struct Cidr {
  Address base;
  std::uint8_t length{128};
  auto operator<=>(const Cidr&) const = default;
};

/// What to do with a block whose address has bits beyond its length, such as 10.0.0.1/8.
enum class HostBits : std::uint8_t { refuse, clear };

/// Why a text is not a CIDR block, and what was probably meant (empty when nothing is near).
struct CidrProblem {
  std::string message;
  std::string hint;
};

/// Reads `address` or `address/length`; a plain address is a block of one.
Result<Cidr, CidrProblem> parse_cidr(std::string_view text, HostBits bits = HostBits::refuse);
std::string to_string(const Cidr& block);

}  // namespace gatehouse::filters
