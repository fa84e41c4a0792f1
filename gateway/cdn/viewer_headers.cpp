#include "gateway/cdn/viewer_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

using exchange::Scratch;
using http::starts_with_ignoring_case;

// In the order of the enum.
constexpr std::array<std::string_view, viewer_headers> names{
    "CloudFront-Is-Android-Viewer", "CloudFront-Is-Desktop-Viewer", "CloudFront-Is-IOS-Viewer", "CloudFront-Is-Mobile-Viewer",
    "CloudFront-Is-SmartTV-Viewer", "CloudFront-Is-Tablet-Viewer",
    "CloudFront-Viewer-Address", "CloudFront-Viewer-ASN", "CloudFront-Viewer-Country", "CloudFront-Viewer-Country-Name",
    "CloudFront-Viewer-Country-Region", "CloudFront-Viewer-Country-Region-Name", "CloudFront-Viewer-City",
    "CloudFront-Viewer-Latitude", "CloudFront-Viewer-Longitude", "CloudFront-Viewer-Metro-Code", "CloudFront-Viewer-Postal-Code",
    "CloudFront-Viewer-Time-Zone",
    "CloudFront-Viewer-Header-Order", "CloudFront-Viewer-Header-Count", "CloudFront-Forwarded-Proto",
    "CloudFront-Viewer-Http-Version", "CloudFront-Viewer-TLS", "CloudFront-Viewer-JA3-Fingerprint", "CloudFront-Viewer-JA4-Fingerprint"};

constexpr std::size_t header_order_max = 7680;

const Device& device_of(const Viewer& viewer) {
  if (!viewer.device) {
    const http::Field* const field = viewer.request.fields.first(http::FieldKind::user_agent);
    viewer.device = cdn::device_of(field == nullptr ? std::string_view() : field->value());
  }
  return *viewer.device;
}

const filters::GeoPlace& place_of(const Viewer& viewer) {
  if (!viewer.place) {
    const bool can_know = viewer.geo != nullptr && viewer.client.is_ip();
    viewer.place = can_know ? viewer.geo->locate(viewer.client.ip()) : filters::GeoPlace();
  }
  return *viewer.place;
}

std::string_view yes_no(bool yes) noexcept { return yes ? "true" : "false"; }

std::string_view number(std::uint64_t value, Scratch& scratch) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return scratch.join(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

std::string_view known_number(std::uint32_t value, Scratch& scratch) { return value == 0 ? std::string_view() : number(value, scratch); }

/// Five places behind the point, as CloudFront writes them.
std::string_view degrees(std::optional<double> value, Scratch& scratch) {
  if (!value || !(*value >= -180 && *value <= 180)) return {};
  std::array<char, 16> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::fixed, 5).ptr;
  return scratch.join(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

/// Field values are ASCII (RFC 9110 5.5), places are not: what else there is goes as percent and two digits, a byte at a time.
std::string_view percent_encoded(std::string_view text, Scratch& scratch) {
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f && c != '%'; };
  std::size_t size = 0;
  for (const char c : text) size += plain(c) ? 1 : 3;
  if (size == text.size()) return text;
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::span<char> room = scratch.take(size);
  char* at = room.data();
  for (const char c : text) {
    if (plain(c)) {
      *at++ = c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    *at++ = '%', *at++ = digits[byte >> 4], *at++ = digits[byte & 15];
  }
  return {room.data(), room.size()};
}

/// CloudFront writes no brackets around IPv6: the port is what follows the last colon. An address that a proxy passed on
/// without its port has 0 there.
std::string_view address_and_port(const net::Address& client, Scratch& scratch) {
  if (!client.is_ip()) return {};
  std::array<char, net::Address::text_max> ip;
  std::array<char, 5> port;
  const char* const end = std::to_chars(port.data(), port.data() + port.size(), client.port()).ptr;
  return scratch.join(client.write_ip(ip), ":", std::string_view(port.data(), static_cast<std::size_t>(end - port.data())));
}

std::string_view header_order(const http::FieldList& fields, Scratch& scratch) {
  std::size_t size = 0;
  for (const http::Field& field : fields.all()) size += field.name().size() + 1;
  if (size == 0) return {};
  const std::span<char> room = scratch.take(std::min(size - 1, header_order_max));
  std::size_t used = 0;
  for (const http::Field& field : fields.all()) {
    if (used != 0 && used < room.size()) room[used++] = ':';
    used += field.name().copy(room.data() + used, room.size() - used);
  }
  return {room.data(), room.size()};
}

std::string_view tls_of(const Viewer& viewer, Scratch& scratch) {
  if (viewer.tls_version.empty()) return {};
  const std::string_view how = viewer.connection_reused ? "connectionReused" : viewer.tls_resumed ? "sessionResumed" : "fullHandshake";
  return scratch.join(viewer.tls_version, ":", viewer.tls_cipher, ":", how);
}

}  // namespace

std::optional<ViewerHeader> viewer_header(std::string_view name) noexcept {
  for (unsigned i = 0; i < viewer_headers; ++i) {
    if (http::equals_ignoring_case(name, names[i])) return static_cast<ViewerHeader>(i);
  }
  return std::nullopt;
}

std::string_view viewer_header_name(ViewerHeader header) noexcept { return names[static_cast<unsigned>(header)]; }

bool may_be_in_key(ViewerHeader header) noexcept {
  using enum ViewerHeader;
  return header != address && header != asn && header != tls && header != header_order && header != header_count &&
         header != ja3 && header != ja4;
}

bool is_viewer_header_name(std::string_view name) noexcept {
  return starts_with_ignoring_case(name, "cloudfront-viewer-") || starts_with_ignoring_case(name, "cloudfront-is-") ||
         http::equals_ignoring_case(name, "cloudfront-forwarded-proto");
}

// one switch
std::string_view viewer_value(ViewerHeader header, const Viewer& viewer, Scratch& scratch) {
  using enum ViewerHeader;
  switch (header) {
    case is_android: return yes_no(device_of(viewer).android);
    case is_desktop: return yes_no(device_of(viewer).desktop);
    case is_ios: return yes_no(device_of(viewer).ios);
    case is_mobile: return yes_no(device_of(viewer).mobile);
    case is_smart_tv: return yes_no(device_of(viewer).smart_tv);
    case is_tablet: return yes_no(device_of(viewer).tablet);
    case address: return address_and_port(viewer.client, scratch);
    case asn: return known_number(place_of(viewer).asn, scratch);
    case country: return percent_encoded(place_of(viewer).country, scratch);
    case country_name: return percent_encoded(place_of(viewer).country_name, scratch);
    case country_region: return percent_encoded(place_of(viewer).region, scratch);
    case country_region_name: return percent_encoded(place_of(viewer).region_name, scratch);
    case city: return percent_encoded(place_of(viewer).city, scratch);
    case latitude: return degrees(place_of(viewer).latitude, scratch);
    case longitude: return degrees(place_of(viewer).longitude, scratch);
    case metro_code: return known_number(place_of(viewer).metro_code, scratch);
    case postal_code: return percent_encoded(place_of(viewer).postal_code, scratch);
    case time_zone: return percent_encoded(place_of(viewer).time_zone, scratch);
    case header_order: return cdn::header_order(viewer.request.fields, scratch);
    case header_count: return number(viewer.request.fields.all().size(), scratch);
    case forwarded_proto: return viewer.secure ? "https" : "http";
    case http_version: return viewer.request.version_minor == 0 ? "1.0" : "1.1";
    case tls: return tls_of(viewer, scratch);
    case ja3: return viewer.ja3;
    case ja4: return viewer.ja4;
  }
  return {};
}

}  // namespace gatehouse::cdn
