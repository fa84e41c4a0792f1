#include "gateway/cdn/origin_request.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "gateway/cdn/request_parts.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

using http::FieldKind;
using http::FieldKinds;

/// What the exchange itself needs, and what the gateway writes or replaces on its way (proxy/forwarded.cpp).
constexpr FieldKinds of_the_message(FieldKind::host, FieldKind::connection, FieldKind::keep_alive, FieldKind::te, FieldKind::trailer,
                                    FieldKind::transfer_encoding, FieldKind::upgrade, FieldKind::content_length, FieldKind::content_type,
                                    FieldKind::content_encoding, FieldKind::content_location, FieldKind::expect, FieldKind::via,
                                    FieldKind::x_forwarded_for, FieldKind::x_forwarded_proto, FieldKind::x_forwarded_port,
                                    FieldKind::x_amzn_trace_id, FieldKind::x_request_id, FieldKind::max_forwards, FieldKind::date,
                                    FieldKind::range, FieldKind::if_match, FieldKind::if_none_match, FieldKind::if_modified_since,
                                    FieldKind::if_unmodified_since, FieldKind::if_range, FieldKind::cache_control, FieldKind::pragma,
                                    FieldKind::warning, FieldKind::http2_settings, FieldKind::proxy_connection);

/// The name in lower case; empty when it is longer than any that a policy may list.
std::string_view lowered(std::string_view name, std::span<char, 128> room) noexcept {
  if (name.size() > room.size()) return {};
  for (std::size_t i = 0; i < name.size(); ++i) room[i] = http::lower(name[i]);
  return {room.data(), name.size()};
}

/// aws-cloudfront 11: what is not sent unless a policy names it, even where nothing is stored.
bool removed_by_default(const OriginRequestRules& rules, const http::Request& request, FieldKind kind, std::string_view name) noexcept {
  const http::Method method = request.method;
  if (kind == FieldKind::authorization) {
    return method == http::Method::get || method == http::Method::head || (method == http::Method::options && rules.options_cached);
  }
  if (kind == FieldKind::accept || kind == FieldKind::accept_language || kind == FieldKind::referer || kind == FieldKind::user_agent) return true;
  return name == "accept-charset" || name == "x-http-method-override" || name == "x-real-ip" || name.starts_with("x-edge-");
}

bool sent(const OriginRequestRules& rules, bool storable, const http::Request& request, const http::Field& field) noexcept {
  if (of_the_message.has(field.kind)) return true;
  if (is_viewer_header_name(field.name())) return false;  // made here, or by nobody
  std::array<char, 128> room;
  const std::string_view name = lowered(field.name(), room);
  if (!name.empty() && EitherList{rules.key_headers, rules.headers}.selects(name)) return true;
  if (storable || !rules.cloudfront) return false;
  return !removed_by_default(rules, request, field.kind, name);
}

void shape_cookies(const OriginRequestRules& rules, http::Request& request, exchange::Scratch& scratch) {
  if (!request.fields.has(FieldKind::cookie)) return;
  const std::string_view cookies = select_cookies({rules.key_cookies, rules.cookies}, request.fields, scratch);
  request.fields.drop(FieldKind::cookie);
  if (!cookies.empty()) push_field(request.fields, "Cookie", cookies, scratch);
}

struct Made {
  ViewerHeader header;
  std::string_view value;
};

}  // namespace

std::string_view query_in_key(const OriginRequestRules& rules, const http::Request& request, exchange::Scratch& scratch) {
  return select_parameters({rules.key_queries, rules.key_queries}, request.query, scratch);
}

void add_to_key(const OriginRequestRules& rules, const Viewer& viewer, exchange::Scratch& scratch, cache::KeyMaker& key) {
  if (viewer.request.method == http::Method::options) key.part("OPTIONS");
  for (const std::string& name : rules.key_headers.names) {
    if (const auto header = viewer_header(name)) {
      key.part(viewer_value(*header, viewer, scratch));
      continue;
    }
    std::uint32_t lines = 0;
    for (const http::Field& field : viewer.request.fields.all()) {
      if (!http::equals_ignoring_case(field.name(), name)) continue;
      key.part(field.value());
      ++lines;
    }
    // Tells a field that is missing from one that is empty, and two lines from one.
    key.part({reinterpret_cast<const char*>(&lines), sizeof lines});
  }
  if (rules.key_cookies.selection != cache::Selection::none) {
    key.part(select_cookies({rules.key_cookies, rules.key_cookies}, viewer.request.fields, scratch));
  }
}

void describe_key(const OriginRequestRules& rules, const Viewer& viewer, exchange::Scratch& scratch, std::string& out) {
  if (viewer.request.method == http::Method::options) out += "method OPTIONS\n";
  const auto line = [&out](std::string_view name, std::string_view value) {
    out.append("header ").append(name).append(": ").append(value).append("\n");
  };
  for (const std::string& name : rules.key_headers.names) {
    const std::size_t before = out.size();
    if (const auto header = viewer_header(name)) {
      const std::string_view value = viewer_value(*header, viewer, scratch);
      if (!value.empty()) line(name, value);
    } else {
      for (const http::Field& field : viewer.request.fields.all()) {
        if (http::equals_ignoring_case(field.name(), name)) line(name, field.value());
      }
    }
    if (out.size() == before) out.append("header ").append(name).append("\n");
  }
  const std::string_view cookies = select_cookies({rules.key_cookies, rules.key_cookies}, viewer.request.fields, scratch);
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find("; ", at), cookies.size());
    out.append("cookie ").append(cookies.substr(at, end - at)).append("\n");
    at = end + 2;
  }
}

void shape_accept_encoding(const Encoding& encoding, http::Request& request) {
  if (!request.fields.has(FieldKind::accept_encoding)) return;
  request.fields.drop(FieldKind::accept_encoding);
  if (request.version_minor == 0) return;
  const std::string_view text = accept_encoding_text(encoding.codings);
  request.fields.add("Accept-Encoding", text.empty() ? "identity" : text);
}

void shape_origin_request(const Shaping& shaping, http::Request& request, exchange::Scratch& scratch) {
  const OriginRequestRules& rules = shaping.rules;
  // Values are made before the fields go that some of them are made of.
  std::array<Made, viewer_headers> made;
  std::size_t count = 0;
  for (const ViewerHeader header : rules.viewer_headers) {
    const std::string_view value = viewer_value(header, shaping.viewer, scratch);
    if (!value.empty()) made[count++] = {header, value};
  }
  const bool own_agent = rules.cloudfront && !EitherList{rules.key_headers, rules.headers}.selects("user-agent");
  for (http::Field& field : request.fields.all()) {
    if (field.kind == FieldKind::cookie || field.kind == FieldKind::accept_encoding) continue;
    if (!sent(rules, shaping.storable, request, field)) field.dropped = true;
  }
  shape_cookies(rules, request, scratch);
  if (shaping.encoding.keyed) {
    shape_accept_encoding(shaping.encoding, request);
  } else if (!EitherList{rules.key_headers, rules.headers}.selects("accept-encoding")) {
    request.fields.drop(FieldKind::accept_encoding);
  }
  if (own_agent) request.fields.add("User-Agent", "Amazon CloudFront");
  for (std::size_t i = 0; i < count; ++i) push_field(request.fields, viewer_header_name(made[i].header), made[i].value, scratch);
  request.query = select_parameters({rules.key_queries, rules.queries}, request.query, scratch);
  request.has_query = request.has_query && !request.query.empty();
}

}  // namespace gatehouse::cdn
