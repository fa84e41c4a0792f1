// The fields that tell an origin about the client: CloudFront-Viewer-*, CloudFront-Is-*-Viewer and
// CloudFront-Forwarded-Proto (aws-cloudfront: headers CloudFront can add to the origin request). A policy names those that are
// wanted; a value is made when it is asked for, so nobody pays for the others. Pure; one thread.
//
//   const Viewer viewer{.request = x.request, .client = passage.client(), ...};
//   if (const auto value = viewer_value(header, viewer, x.scratch); !value.empty()) fields.add(viewer_header_name(header), value);
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gatehouse/filters/geo.hpp"
#include "gateway/cdn/device.hpp"
#include "gateway/exchange/scratch.hpp"
#include "gateway/http/message.hpp"
#include "gateway/net/address.hpp"

namespace gatehouse::cdn {

enum class ViewerHeader : std::uint8_t {
  // the device, by its User-Agent: true or false
  is_android, is_desktop, is_ios, is_mobile, is_smart_tv, is_tablet,
  // the place, by the address
  address, asn, country, country_name, country_region, country_region_name, city, latitude, longitude, metro_code, postal_code,
  time_zone,
  // the request and the connection it came on
  header_order, header_count, forwarded_proto, http_version, tls, ja3, ja4,
};
inline constexpr unsigned viewer_headers = static_cast<unsigned>(ViewerHeader::ja4) + 1;

/// The header of that name, letter case ignored.
std::optional<ViewerHeader> viewer_header(std::string_view name) noexcept;
/// Its name as it is sent. Static text.
std::string_view viewer_header_name(ViewerHeader header) noexcept;
/// Whether stored responses may be told apart by it: not by what differs from client to client.
bool may_be_in_key(ViewerHeader header) noexcept;
/// Whether a field looks like one of these. Those that a client sends itself must not reach an origin.
bool is_viewer_header_name(std::string_view name) noexcept;

/// What the values are made from. Views must live as long as this does.
struct Viewer {
  const http::Request& request;
  const net::Address& client;
  bool secure{false};
  std::string_view tls_version{};
  std::string_view tls_cipher{};
  bool tls_resumed{false};        // the handshake was
  bool connection_reused{false};  // this is not the first request on it
  std::string_view ja3{};
  std::string_view ja4{};
  const filters::GeoDatabase* geo{nullptr};  // null: places are not known

  // Looked up when the first header asks.
  mutable std::optional<filters::GeoPlace> place{};
  mutable std::optional<Device> device{};
};

/// The header's value: static text, a view of the database, or in the scratch. Empty: it is not known, and not sent.
std::string_view viewer_value(ViewerHeader header, const Viewer& viewer, exchange::Scratch& scratch);

}  // namespace gatehouse::cdn
