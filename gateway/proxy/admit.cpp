// Step 4, look up: what stands before a behavior (aws-cloudfront 1, 2, 25): the methods that it lets through, and TLS where it
// asks for that. A request that is not admitted gets nothing out of the cache and nothing from an origin.
#include "gateway/http/target.hpp"
#include "gateway/proxy/cache_key.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/proxy/reply.hpp"
#include "gateway/proxy/signature_check.hpp"

namespace gatehouse::proxy {

using config::ViewerProtocolPolicy;

namespace {

bool reads(const http::Request& request) noexcept {
  return request.method == http::Method::get || request.method == http::Method::head;
}

/// Whether the client speaks TLS, with this gateway or with a trusted proxy before it.
bool is_secure(const Passage& passage) noexcept { return scheme_of(passage) == "https"; }

/// Where this gateway speaks TLS; the scheme's own port where no listener does.
std::uint16_t https_port(const Snapshot& snapshot) noexcept {
  for (const auto& listener : snapshot.listeners) {
    if (listener->config->protocol == config::ListenerProtocol::https) return listener->port;
  }
  return 443;
}

}  // namespace

Try<void> Proxy::admit(Passage& passage, const CompiledBehavior& behavior) {
  const http::Request& request = passage.x.request;
  const bool purges = request.method_text == "PURGE";  // has its own list of who may
  if (!purges && !behavior.allowed_methods.allow(request.method)) return Failure{exchange::fault_of(Errc::method_refused)};
  const bool cloudfront = behavior.policy->policy.profile == cache::Profile::cloudfront;
  if (cloudfront && reads(request) && !request.body.is_empty()) return Failure{exchange::fault_of(Errc::content_refused)};
  if (behavior.viewer_protocol != ViewerProtocolPolicy::allow_all && !is_secure(passage)) {
    const bool redirected = behavior.viewer_protocol == ViewerProtocolPolicy::redirect_to_https && (reads(request) || request.version_minor > 0);
    return redirected ? Try<void>() : Failure{exchange::fault_of(Errc::https_required)};
  }
  return behavior.trusted == nullptr || purges ? Try<void>() : check_signature(passage, *behavior.trusted);
}

bool Proxy::is_sent_to_https(const Passage& passage, const CompiledBehavior& behavior) noexcept {
  return behavior.viewer_protocol == ViewerProtocolPolicy::redirect_to_https && !is_secure(passage);
}

Task<Try<void>> Proxy::redirect_to_https(Passage& passage) {
  const http::Request& request = passage.x.request;
  exchange::Scratch& scratch = passage.x.scratch;
  http::Response& head = fresh_head(passage.x);
  const std::uint16_t port = https_port(passage.snapshot);
  const std::string_view port_text = port == 443 ? std::string_view() : scratch.join(":", std::to_string(port));
  const std::string_view location = scratch.join("https://", http::host_without_port(request.authority), port_text, request.path,
                                                 request.has_query ? "?" : "", request.query);
  head.fields.add("location", location);
  if (passage.caching->cloudfront()) head.fields.add("x-cache", "Redirect from cloudfront");
  const OwnReply own{static_cast<std::uint16_t>(reads(request) ? 301 : 307), {}, {}};
  co_return co_await reply(passage.x, head, own);  // which reads what stands in this frame
}

}  // namespace gatehouse::proxy
