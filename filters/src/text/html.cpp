#include "text/html.hpp"

#include <cstdint>
#include <limits>

#include "text/ascii.hpp"

namespace gatehouse::filters::text {

namespace {

struct Reference {
  std::size_t size{0};  // bytes read, 0 when it is none
  char byte{0};
};

std::size_t with_semicolon(std::string_view in, std::size_t end) noexcept {
  return end < in.size() && in[end] == ';' ? end + 1 : end;
}

/// `at` is the index after "&#".
Reference numeric(std::string_view in, std::size_t at) noexcept {
  const bool hex = at < in.size() && (in[at] | 0x20) == 'x';
  const std::size_t first = hex ? at + 1 : at;
  const std::uint64_t base = hex ? 16 : 10;
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t code = 0;
  std::size_t end = first;
  for (; end < in.size() && (hex ? is_hex(in[end]) : is_digit(in[end])); ++end) {
    const auto digit = static_cast<std::uint64_t>(hex_value(in[end]));
    // Numbers that are too large stick at the largest one, whose low byte is FF.
    code = code > (largest - digit) / base ? largest : code * base + digit;
  }
  if (end == first) return {};
  return {with_semicolon(in, end), static_cast<char>(code & 0xff)};
}

/// `at` is the index after "&".
Reference named(std::string_view in, std::size_t at) noexcept {
  struct Name {
    std::string_view name;
    char byte;
  };
  constexpr Name names[] = {{"quot", '"'}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"nbsp", '\xa0'}};
  std::size_t end = at;
  while (end < in.size() && is_alnum(in[end])) ++end;
  const std::string_view found = in.substr(at, end - at);
  for (const Name& each : names) {
    if (equals_ignoring_case(found, each.name)) return {with_semicolon(in, end), each.byte};
  }
  return {};
}

}  // namespace

std::size_t html_decode(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    Reference found;
    if (in[i] == '&' && i + 1 < in.size()) found = in[i + 1] == '#' ? numeric(in, i + 2) : named(in, i + 1);
    out[written++] = found.size == 0 ? in[i] : found.byte;
    i = found.size == 0 ? i + 1 : found.size;
  }
  return written;
}

}  // namespace gatehouse::filters::text
