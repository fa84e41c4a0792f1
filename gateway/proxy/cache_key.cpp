#include "gateway/proxy/cache_key.hpp"

#include "gateway/cdn/origin_request.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {
namespace {

/// The authority in lower case, without the scheme's own port.
std::string_view authority_of(Passage& passage, std::string_view scheme) {
  std::string_view authority = passage.x.request.authority;
  const std::uint16_t port = http::port_of(authority);
  if (port == (scheme == "https" ? 443 : 80)) authority = http::host_without_port(authority);
  const std::span<char> room = passage.x.scratch.take(authority.size());
  for (std::size_t i = 0; i < authority.size(); ++i) room[i] = http::lower(authority[i]);
  return {room.data(), room.size()};
}

/// Which codings stored responses are told apart by for this client.
cdn::Encoding encoding_of(const Caching& caching, const http::Request& request) noexcept {
  cdn::Encoding encoding;
  const cache::CloudFrontRules& rules = caching.policy.policy.cloudfront;
  encoding.keyed = caching.cloudfront() ? rules.accept_encoding_gzip || rules.accept_encoding_brotli : caching.behavior.compress;
  if (!encoding.keyed || request.version_minor == 0) return encoding;
  const cdn::Codings accepted = cdn::accepted_codings(request.fields);
  if (caching.cloudfront()) {
    cdn::Codings enabled;
    if (rules.accept_encoding_gzip) enabled.insert(cdn::Coding::gzip);
    if (rules.accept_encoding_brotli) enabled.insert(cdn::Coding::br);
    encoding.codings = accepted.both(enabled);
  } else {
    cdn::Codings offered;
    offered.insert(cdn::Coding::gzip);
    offered.insert(cdn::Coding::br);
    if (caching.behavior.zstd) offered.insert(cdn::Coding::zstd);
    const cdn::Coding best = cdn::best_coding(accepted.both(offered));
    if (best != cdn::Coding::identity) encoding.codings.insert(best);
  }
  return encoding;
}

}  // namespace

std::string_view scheme_of(const Passage& passage) noexcept {
  // Behind a proxy that ends TLS the client's scheme is what that proxy says: redirects to https depend on it.
  const http::Field* const given = passage.x.request.fields.first(http::FieldKind::x_forwarded_proto);
  if (passage.client_trusted && given != nullptr) return given->value() == "https" ? "https" : "http";
  return passage.x.connection->secure ? "https" : "http";
}

cdn::Viewer viewer_of(const Passage& passage) {
  const exchange::Connection& connection = *passage.x.connection;
  return {.request = passage.x.request,
          .client = passage.client(),
          .secure = scheme_of(passage) == "https",
          .tls_version = connection.tls_version,
          .tls_cipher = connection.tls_cipher,
          .tls_resumed = connection.tls_resumed,
          .connection_reused = connection.exchanges > 1,
          .ja3 = connection.ja3,
          .ja4 = connection.ja4,
          .geo = passage.snapshot.geo.get()};
}

cache::Key key_of_url(const cache::Secret& secret, const CompiledListener& listener, std::string_view url, std::string_view encoding) {
  cache::KeyMaker key(secret);
  key.part(listener.config->name).part(url);
  if (!encoding.empty()) key.part(encoding);
  return key.finish();
}

std::string_view key_origin(const Passage& passage) {
  const std::string_view text = passage.caching->key_text;
  return text.substr(0, text.find('/', text.find("://") + 3));
}

void make_key(Passage& passage) {
  const http::Request& request = passage.x.request;
  exchange::Scratch& scratch = passage.x.scratch;
  Caching& caching = *passage.caching;
  const cdn::OriginRequestRules* const rules = caching.cloudfront() ? caching.behavior.origin_request : nullptr;
  const std::string_view query = rules == nullptr ? request.query : cdn::query_in_key(*rules, request, scratch);
  const bool has_query = request.has_query && (rules == nullptr || !query.empty());
  const std::string_view scheme = scheme_of(passage);
  caching.key_text = scratch.join(scheme, "://", authority_of(passage, scheme), request.path, has_query ? "?" : "", query);
  caching.encoding = encoding_of(caching, request);
  cache::KeyMaker key(caching.shared.store.secret());
  key.part(passage.listener.config->name).part(caching.key_text);
  const std::string_view encoding = cdn::accept_encoding_text(caching.encoding.codings);
  if (!encoding.empty()) key.part(encoding);
  if (rules != nullptr) cdn::add_to_key(*rules, viewer_of(passage), scratch, key);
  caching.key = key.finish();
}

}  // namespace gatehouse::proxy
