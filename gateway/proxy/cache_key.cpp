#include "gateway/proxy/cache_key.hpp"

#include "gateway/cdn/origin_request.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/token.hpp"
#include "gateway/proxy/passage.hpp"

namespace gatehouse::proxy {
namespace {

/// The authority in lower case, without the scheme's own port.
std::string_view authority_of(const http::Request& request, std::string_view scheme, exchange::Scratch& scratch) {
  std::string_view authority = request.authority;
  const std::uint16_t port = http::port_of(authority);
  if (port == (scheme == "https" ? 443 : 80)) authority = http::host_without_port(authority);
  const std::span<char> room = scratch.take(authority.size());
  for (std::size_t i = 0; i < authority.size(); ++i) room[i] = http::lower(authority[i]);
  return {room.data(), room.size()};
}

bool is_cloudfront(const CompiledBehavior& behavior) noexcept { return behavior.policy->policy.profile == cache::Profile::cloudfront; }

/// Which codings stored responses are told apart by for this client.
cdn::Encoding encoding_of(const CompiledBehavior& behavior, const http::Request& request) noexcept {
  cdn::Encoding encoding;
  const cache::CloudFrontRules& rules = behavior.policy->policy.cloudfront;
  encoding.keyed = is_cloudfront(behavior) ? rules.accept_encoding_gzip || rules.accept_encoding_brotli : behavior.compress;
  if (!encoding.keyed || request.version_minor == 0) return encoding;
  const cdn::Codings accepted = cdn::accepted_codings(request.fields);
  if (is_cloudfront(behavior)) {
    cdn::Codings enabled;
    if (rules.accept_encoding_gzip) enabled.insert(cdn::Coding::gzip);
    if (rules.accept_encoding_brotli) enabled.insert(cdn::Coding::br);
    encoding.codings = accepted.both(enabled);
  } else {
    cdn::Codings offered;
    offered.insert(cdn::Coding::gzip);
    offered.insert(cdn::Coding::br);
    offered.insert(cdn::Coding::zstd);
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

const CompiledBehavior* behavior_for(const CompiledListener& listener, std::string_view path) noexcept {
  for (const CompiledBehavior& behavior : listener.behaviors) {
    if (behavior.path.matches(path)) return &behavior;
  }
  return nullptr;
}

const cdn::OriginRequestRules* key_rules(const CompiledBehavior& behavior) noexcept {
  return is_cloudfront(behavior) ? behavior.origin_request : nullptr;
}

RequestKey request_key(const KeyQuestion& question, const cache::Secret& secret, exchange::Scratch& scratch) {
  const http::Request& request = question.request;
  const cdn::OriginRequestRules* const rules = key_rules(question.behavior);
  const std::string_view query = rules == nullptr ? request.query : cdn::query_in_key(*rules, request, scratch);
  const bool has_query = request.has_query && (rules == nullptr || !query.empty());
  RequestKey out;
  out.text = scratch.join(question.scheme, "://", authority_of(request, question.scheme, scratch), request.path, has_query ? "?" : "", query);
  out.encoding = encoding_of(question.behavior, request);
  cache::KeyMaker key(secret);
  key.part(question.listener.config->name).part(out.text);
  const std::string_view encoding = cdn::accept_encoding_text(out.encoding.codings);
  if (!encoding.empty()) key.part(encoding);
  if (rules != nullptr) cdn::add_to_key(*rules, *question.viewer, scratch, key);
  out.key = key.finish();
  return out;
}

std::string describe_key(const KeyQuestion& question, const cdn::Encoding& encoding, exchange::Scratch& scratch) {
  const cdn::OriginRequestRules* const rules = key_rules(question.behavior);
  std::string lines;
  if (rules != nullptr) cdn::describe_key(*rules, *question.viewer, scratch, lines);
  if (encoding.keyed) {
    const std::string_view codings = cdn::accept_encoding_text(encoding.codings);
    lines.append("coding ").append(codings.empty() ? "identity" : codings).append("\n");
  }
  if (lines.empty()) return lines;
  lines.insert(0, "listener " + question.listener.config->name + "\n");
  if (lines.size() > keyed_text_max) lines.resize(keyed_text_max);
  return lines;
}

std::string describe_key(const Passage& passage, exchange::Scratch& scratch) {
  const Caching& caching = *passage.caching;
  if (key_rules(caching.behavior) == nullptr && !caching.encoding.keyed) return {};
  const cdn::Viewer viewer = viewer_of(passage);
  return describe_key({passage.listener, caching.behavior, passage.x.request, scheme_of(passage), &viewer}, caching.encoding, scratch);
}

void make_key(Passage& passage) {
  Caching& caching = *passage.caching;
  const std::string_view scheme = scheme_of(passage);
  const auto make = [&](const cdn::Viewer* viewer) {
    const KeyQuestion question{passage.listener, caching.behavior, passage.x.request, scheme, viewer};
    return request_key(question, caching.shared.store.secret(), passage.x.scratch);
  };
  RequestKey made;
  if (key_rules(caching.behavior) != nullptr) {
    const cdn::Viewer viewer = viewer_of(passage);
    made = make(&viewer);
  } else {
    made = make(nullptr);
  }
  caching.key = made.key;
  caching.key_text = made.text;
  caching.encoding = made.encoding;
}

}  // namespace gatehouse::proxy
