#include "gateway/cache/invalidation.hpp"

#include "gateway/cache/request_class.hpp"
#include "gateway/http/path.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

/// The parts of a URI reference (RFC 3986 4.1), without its fragment.
struct Reference {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;
  std::string_view query;
  bool has_authority{false};
  bool has_query{false};
};

Reference split(std::string_view text) noexcept {
  Reference out;
  text = text.substr(0, text.find('#'));
  const std::size_t mark = text.find_first_of(":/?");
  if (mark != std::string_view::npos && text[mark] == ':') {
    out.scheme = text.substr(0, mark);
    text.remove_prefix(mark + 1);
  }
  if (text.starts_with("//")) {
    out.has_authority = true;
    text.remove_prefix(2);
    out.authority = text.substr(0, text.find_first_of("/?"));
    text.remove_prefix(out.authority.size());
  }
  const std::size_t query = text.find('?');
  out.path = text.substr(0, query);
  out.has_query = query != std::string_view::npos;
  if (out.has_query) out.query = text.substr(query + 1);
  return out;
}

std::uint16_t effective_port(std::string_view authority, std::string_view scheme) noexcept {
  const std::uint16_t port = http::port_of(authority);
  if (port != 0) return port;
  return http::equals_ignoring_case(scheme, "https") ? 443 : 80;
}

/// RFC 6454 5: same scheme, host and port.
bool same_origin(const Reference& reference, const Origin& origin) noexcept {
  if (!reference.scheme.empty() && !http::equals_ignoring_case(reference.scheme, origin.scheme)) return false;
  if (!reference.has_authority) return reference.scheme.empty();  // `mailto:x`, or `http:x`, which is no valid URI
  if (!http::valid_authority(reference.authority)) return false;
  return http::equals_ignoring_case(http::host_without_port(reference.authority), http::host_without_port(origin.authority)) &&
         effective_port(reference.authority, origin.scheme) == effective_port(origin.authority, origin.scheme);
}

/// RFC 3986 5.2.2 and 5.2.3: the path of the reference, seen from the target.
std::string merged_path(const Reference& reference, const http::Request& request) {
  if (reference.has_authority && reference.path.empty()) return "/";
  if (reference.path.starts_with('/')) return std::string(reference.path);
  const std::string_view base = request.path;
  if (reference.path.empty()) return std::string(base);
  return std::string(base.substr(0, base.rfind('/') + 1)).append(reference.path);
}

}  // namespace

bool invalidates(const http::Request& request, std::uint16_t status) noexcept {
  return status >= 200 && status < 400 && !safe_method(request);
}

bool resolve(std::string_view reference, const Origin& origin, const http::Request& request, SameOriginTarget& out) {
  const Reference parts = split(http::trim(reference));
  if (!same_origin(parts, origin)) return false;
  const std::string path = merged_path(parts, request);
  if (!path.starts_with('/') || !http::valid_path(path) || !http::valid_query(parts.query)) return false;
  out.path.resize(path.size());
  out.path.resize(http::resolve_dot_segments(path, out.path).size());
  // RFC 3986 5.2.2: an empty path keeps the query of the target unless the reference has its own.
  const bool inherits = !parts.has_query && parts.path.empty() && !parts.has_authority;
  out.query = inherits ? request.query : parts.query;
  out.has_query = inherits ? request.has_query : parts.has_query;
  return true;
}

std::size_t other_targets(const http::Request& request, const http::Response& response, const Origin& origin,
                          std::array<SameOriginTarget, 2>& out) {
  std::size_t size = 0;
  for (const http::FieldKind kind : {http::FieldKind::location, http::FieldKind::content_location}) {
    const http::Field* const field = response.fields.first(kind);
    if (field != nullptr && resolve(field->value(), origin, request, out[size])) ++size;
  }
  return size;
}

bool post_answers_get(const http::Request& request, const http::Response& response, const Origin& origin) {
  const http::Field* const field = response.fields.first(http::FieldKind::content_location);
  SameOriginTarget target;
  if (request.method != http::Method::post || field == nullptr) return false;
  return resolve(field->value(), origin, request, target) && target.path == request.path && target.query == request.query &&
         target.has_query == request.has_query;
}

}  // namespace gatehouse::cache
