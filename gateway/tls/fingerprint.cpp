#include "gateway/tls/fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "gateway/tls/digest.hpp"

namespace gatehouse::tls {
namespace {

template <class Number>
void put_decimal(const std::vector<Number>& numbers, std::string& out) {
  bool first = true;
  for (const Number number : numbers) {
    if (is_grease(number)) continue;
    fmt::format_to(std::back_inserter(out), "{}{}", first ? "" : "-", number);
    first = false;
  }
}

std::vector<std::uint16_t> without_grease(const std::vector<std::uint16_t>& numbers) {
  std::vector<std::uint16_t> out;
  std::ranges::copy_if(numbers, std::back_inserter(out), [](std::uint16_t number) { return !is_grease(number); });
  return out;
}

void put_hex(const std::vector<std::uint16_t>& numbers, std::string& out) {
  for (std::size_t i = 0; i < numbers.size(); ++i) fmt::format_to(std::back_inserter(out), "{}{:04x}", i == 0 ? "" : ",", numbers[i]);
}

/// The first twelve digits of the SHA-256; zeros stand for nothing.
std::string short_digest(const std::string& text) {
  if (text.empty()) return "000000000000";
  const std::array<char, 64> digits = hex(sha256(text));
  return std::string(digits.data(), 12);
}

std::string_view version_code(const ClientHello& hello) {
  std::uint16_t version = hello.version;
  const std::vector<std::uint16_t> offered = without_grease(hello.versions);
  if (!offered.empty()) version = *std::ranges::max_element(offered);
  switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    case 0x0002: return "s2";
    default: return "00";
  }
}

/// The first and last character of the first protocol; of its bytes in hexadecimal when one of the two is no letter or digit.
std::string protocol_code(std::string_view protocol) {
  if (protocol.empty()) return "00";
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const char first = protocol.front(), last = protocol.back();
  if (plain(first) && plain(last)) return {first, last};
  constexpr std::string_view digits = "0123456789abcdef";
  return {digits[static_cast<unsigned char>(first) >> 4], digits[last & 15]};
}

std::string ja4_of(const ClientHello& hello) {
  std::vector<std::uint16_t> ciphers = without_grease(hello.ciphers);
  std::vector<std::uint16_t> extensions = without_grease(hello.extensions);
  std::string out = fmt::format("t{}{}{:02}{:02}{}_", version_code(hello), hello.has_extension(HelloExtension::server_name) ? 'd' : 'i',
                                std::min<std::size_t>(ciphers.size(), 99), std::min<std::size_t>(extensions.size(), 99),
                                protocol_code(hello.protocol));
  std::ranges::sort(ciphers);
  std::string text;
  put_hex(ciphers, text);
  out += short_digest(text) + "_";
  std::erase_if(extensions, [](std::uint16_t type) { return type == HelloExtension::server_name || type == HelloExtension::alpn; });
  std::ranges::sort(extensions);
  text.clear();
  put_hex(extensions, text);
  const std::vector<std::uint16_t> algorithms = without_grease(hello.signature_algorithms);
  if (!text.empty() && !algorithms.empty()) {
    text += '_';
    put_hex(algorithms, text);
  }
  return out + short_digest(text);
}

}  // namespace

std::string ja3_string(const ClientHello& hello) {
  std::string out = fmt::format("{},", hello.version);
  put_decimal(hello.ciphers, out);
  out += ',';
  put_decimal(hello.extensions, out);
  out += ',';
  put_decimal(hello.groups, out);
  out += ',';
  put_decimal(hello.point_formats, out);
  return out;
}

Fingerprints fingerprints_of(const ClientHello& hello) {
  Fingerprints out;
  const std::array<char, 32> ja3 = hex(md5(ja3_string(hello)));
  std::ranges::copy(ja3, out.ja3.begin());
  const std::string ja4 = ja4_of(hello);
  std::copy_n(ja4.begin(), out.ja4.size(), out.ja4.begin());
  return out;
}

}  // namespace gatehouse::tls
