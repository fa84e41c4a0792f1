#include "gatehouse/filters/address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace gatehouse::filters {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// A decimal number without sign, blank or leading zero, at most `max`.
std::optional<unsigned> decimal(std::string_view text, unsigned max) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number <= max ? std::optional(number) : std::nullopt;
}

std::optional<std::uint32_t> dotted(std::string_view text) noexcept {
  std::uint32_t number = 0;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part < 3 ? text.find('.') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const auto byte = decimal(text.substr(0, end), 255);
    if (!byte) return std::nullopt;
    number = number << 8 | *byte;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return number;
}

std::optional<std::uint16_t> group(std::string_view text) noexcept {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Colon-separated groups of one side of "::", appended to `out`. The last one may be dotted (RFC 4291 2.2.3).
bool groups(std::string_view text, bool dotted_tail, std::array<std::uint16_t, 8>& out, std::size_t& size) noexcept {
  while (true) {
    const std::size_t end = text.find(':');
    const bool last = end == std::string_view::npos;
    const std::string_view part = text.substr(0, end);
    if (last && dotted_tail && part.find('.') != std::string_view::npos) {
      const auto number = dotted(part);
      if (!number || size > 6) return false;
      out[size++] = static_cast<std::uint16_t>(*number >> 16);
      out[size++] = static_cast<std::uint16_t>(*number);
      return true;
    }
    const auto number = group(part);
    if (!number || size == 8) return false;
    out[size++] = *number;
    if (last) return true;
    text.remove_prefix(end + 1);
  }
}

std::optional<Address> parse_v6(std::string_view text) noexcept {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  std::array<std::uint16_t, 8> head{}, tail{};
  std::size_t heads = 0, tails = 0;
  const std::string_view left = text.substr(0, gap);
  const std::string_view right = has_gap ? text.substr(gap + 2) : std::string_view();
  if ((!left.empty() || !has_gap) && !groups(left, !has_gap, head, heads)) return std::nullopt;
  if (!right.empty() && !groups(right, true, tail, tails)) return std::nullopt;
  // "::" stands for at least one group.
  if (has_gap ? heads + tails > 7 : heads != 8) return std::nullopt;
  for (std::size_t i = 0; i < tails; ++i) head[8 - tails + i] = tail[i];
  Address address;
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>(head[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>(head[i]);
  }
  return address;
}

/// `address` with every bit behind `length` cleared.
Address masked(Address address, unsigned length) noexcept {
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = length > i * 8 ? std::min(8u, length - i * 8) : 0;
    address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xff00u >> kept));
  }
  return address;
}

}  // namespace

bool Address::is_v4() const noexcept { return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin()); }

std::uint32_t Address::v4() const noexcept {
  return std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 | bytes[15];
}

Address Address::from_v4(std::uint32_t number) noexcept {
  Address address;
  std::copy(v4_prefix.begin(), v4_prefix.end(), address.bytes.begin());
  for (int i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return address;
}

std::optional<Address> parse_address(std::string_view text) noexcept {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto number = dotted(text);
  return number ? std::optional(Address::from_v4(*number)) : std::nullopt;
}

std::string to_string(const Address& address) {
  char text[48];
  if (address.is_v4()) {
    const auto* b = address.bytes.data() + 12;
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    return text;
  }
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = address.bytes[2 * i] * 256u + address.bytes[2 * i + 1];
  // RFC 5952 4.2: the longest run of two or more zero groups is shortened, the first one among equals.
  std::size_t start = 8, longest = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t run = 0;
    while (i + run < 8 && groups[i + run] == 0) ++run;
    if (run > longest) start = i, longest = run;
  }
  std::string result;
  for (std::size_t i = 0; i < 8;) {
    if (i == start) {
      result += "::";
      i += longest;
      continue;
    }
    if (!result.empty() && result.back() != ':') result += ':';
    std::snprintf(text, sizeof text, "%x", groups[i++]);
    result += text;
  }
  return result;
}

Result<Cidr, CidrProblem> parse_cidr(std::string_view text, HostBits bits) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return Failure{CidrProblem{"not an IP address: '" + std::string(text.substr(0, slash)) + "'", ""}};
  // The text, not the value, says what the length counts: ::ffff:10.0.0.0/104 and 10.0.0.0/8 are the same block.
  const bool short_form = text.substr(0, slash).find(':') == std::string_view::npos;
  Cidr block{*address, 128};
  if (slash != std::string_view::npos) {
    const auto length = decimal(text.substr(slash + 1), short_form ? 32 : 128);
    if (!length) {
      return Failure{CidrProblem{"the prefix length must be a number from 0 to " + std::string(short_form ? "32" : "128"),
                                 ""}};
    }
    block.length = static_cast<std::uint8_t>(short_form ? *length + 96 : *length);
  }
  const Address base = masked(block.base, block.length);
  if (base != block.base && bits == HostBits::refuse) {
    return Failure{CidrProblem{"the address has bits set beyond the prefix length",
                               "did you mean " + to_string(Cidr{base, block.length}) + "?"}};
  }
  block.base = base;
  return block;
}

std::string to_string(const Cidr& block) {
  const bool v4 = block.base.is_v4() && block.length >= 96;
  return to_string(block.base) + '/' + std::to_string(v4 ? block.length - 96 : block.length);
}

}  // namespace gatehouse::filters
