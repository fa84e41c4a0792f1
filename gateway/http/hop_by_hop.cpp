#include "gateway/http/hop_by_hop.hpp"

#include <array>

#include "gateway/http/list.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

using enum FieldKind;

constexpr FieldKinds always_dropped(connection, keep_alive, proxy_connection, te, transfer_encoding, upgrade, http2_settings,
                                    proxy_authenticate, proxy_authorization, proxy_authentication_info);

/// Names by which proxies tell an origin who the client is, or by which it trusts a request.
constexpr std::array<std::string_view, 9> trusted_prefixes{
    "x-forwarded-", "x-amzn-", "x-amz-cf-", "x-original-", "x-rewrite-", "x-envoy-", "sec-", "cloudfront-", "x-gatehouse-"};
constexpr std::array<std::string_view, 6> trusted_names{"x-real-ip",     "true-client-ip", "x-client-ip",
                                                        "x-cluster-client-ip", "x-ssl-client-cert", "client-ip"};

bool tells_about_the_client(std::string_view name) noexcept {
  for (const std::string_view prefix : trusted_prefixes) {
    if (starts_with_ignoring_case(name, prefix)) return true;
  }
  for (const std::string_view trusted : trusted_names) {
    if (equals_ignoring_case(name, trusted)) return true;
  }
  return false;
}

/// Drops what one option of Connection names, if it may name it: fields with a kind are either dropped
/// anyway or protected, so only nameless ones are looked for.
void drop_named(FieldList& fields, std::string_view option) noexcept {
  if (field_kind(option) != other || tells_about_the_client(option)) return;
  for (Field& field : fields.all()) {
    if (field.kind == other && equals_ignoring_case(field.name(), option)) field.dropped = true;
  }
}

/// Whether the list is one option of those that drop_named() leaves alone, or `close`: what nearly every Connection says.
bool names_no_field(std::string_view options) noexcept {
  return field_kind(options) != other || equals_ignoring_case(options, "close");
}

/// More options than this are not looked at: their number times that of the fields is work a client could ask for.
constexpr int options_max = 32;

void drop_in(FieldList& fields, const Body& body) noexcept {
  int options = 0;
  if (fields.has(connection)) {
    for (const Field& field : fields.all()) {
      if (field.kind != connection || names_no_field(field.value())) continue;
      for (ListItems items(field.value()); items.next() && options < options_max; ++options) drop_named(fields, items.item());
    }
  }
  fields.drop(always_dropped);
  if (body.kind != BodyKind::chunked) fields.drop(trailer);
}

}  // namespace

void drop_hop_by_hop(Request& request) noexcept { drop_in(request.fields, request.body); }
void drop_hop_by_hop(Response& response) noexcept { drop_in(response.fields, response.body); }

bool any_list_has(const FieldList& fields, FieldKind kind, std::string_view token) noexcept {
  if (!fields.has(kind)) return false;
  for (const Field& field : fields.all()) {
    if (field.kind == kind && list_has(field.value(), token)) return true;
  }
  return false;
}

bool accepts_trailers(const FieldList& fields) noexcept { return any_list_has(fields, te, "trailers"); }

bool allowed_in_trailer(const Field& field) noexcept {
  const std::string_view name = field.name();
  if (field.kind == etag) return true;  // RFC 9110 8.8.3 foresees it
  if (field.kind != other || tells_about_the_client(name)) return false;
  if (starts_with_ignoring_case(name, "content-")) return equals_ignoring_case(name, "content-digest");  // RFC 9530 6.1
  constexpr std::array<std::string_view, 5> refused{"www-authenticate", "set-cookie2", "strict-transport-security", "alt-svc",
                                                    "x-http-method-override"};
  for (const std::string_view other_name : refused) {
    if (equals_ignoring_case(name, other_name)) return false;
  }
  return !starts_with_ignoring_case(name, "if-") && !starts_with_ignoring_case(name, "access-control-");
}

}  // namespace gatehouse::http
