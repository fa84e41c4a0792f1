#include "gateway/tls/client_context.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <atomic>

#include "gateway/tls/certificates.hpp"
#include "gateway/tls/openssl.hpp"

namespace gatehouse::tls {
namespace {

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// 1: the reference is ours now. In TLS 1.3 sessions come after the handshake, with the first bytes that are read.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  const auto* link = static_cast<const SessionLink*>(SSL_get_app_data(ssl));
  if (link == nullptr || link->slot == nullptr) return 0;
  link->slot->store(*link, session);
  return 1;
}

Result<void, std::string> trust(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
    return Failure{"the system's certificate store cannot be used: " + take_error()};
  }
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1) return {};
  return Failure{fmt::format("ca_file {}: {}", ca_file, take_error())};
}

bool offer(SSL_CTX* context, const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    wire += static_cast<char>(protocol.size());
    wire += protocol;
  }
  // Unlike all else in OpenSSL, 0 is success here.
  return SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()),
                                 static_cast<unsigned>(wire.size())) == 0;
}

}  // namespace

Result<std::shared_ptr<const ClientContext>, std::string> ClientContext::make(
    const config::OriginTls& settings, const std::vector<std::string>& protocols) {
  static std::atomic<std::uint64_t> ids{0};
  std::shared_ptr<ClientContext> made(new ClientContext);
  made->id_ = ++ids;
  made->verifies_ = settings.verify;
  made->server_name_ = settings.server_name.empty() ? std::string() : canonical_host(settings.server_name);
  SSL_CTX* const c = made->context_ = SSL_CTX_new(TLS_client_method());
  if (c == nullptr || SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 || !offer(c, protocols)) {
    return Failure{"TLS cannot be set up: " + take_error()};
  }
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(c, on_new_session);
  SSL_CTX_set_verify(c, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  // A ca_file may name an intermediate authority, or the origin's own certificate, as the end of trust.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(c), X509_V_FLAG_PARTIAL_CHAIN);
  if (settings.verify) {
    if (auto trusted = trust(c, settings.ca_file); !trusted) return Failure{trusted.error()};
  }
  return std::shared_ptr<const ClientContext>(std::move(made));
}

ClientContext::~ClientContext() { SSL_CTX_free(context_); }

SessionLink ClientContext::link(std::string_view host, SessionSlot* slot) const {
  return SessionLink{slot, id_, server_name_.empty() ? canonical_host(host) : server_name_};
}

bool ClientContext::prepare(SSL* ssl, SessionLink& link) const {
  SSL_set_app_data(ssl, &link);
  X509_VERIFY_PARAM* const param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(link.name)) {  // RFC 6066 3: no address in server_name
    if (verifies_ && X509_VERIFY_PARAM_set1_ip_asc(param, link.name.c_str()) != 1) return false;
  } else {
    if (SSL_set_tlsext_host_name(ssl, link.name.c_str()) != 1) return false;
    if (verifies_ && X509_VERIFY_PARAM_set1_host(param, link.name.data(), link.name.size()) != 1) return false;
  }
  SSL_SESSION* const session = link.slot != nullptr ? link.slot->find(link) : nullptr;
  if (session != nullptr && SSL_set_session(ssl, session) != 1) ERR_clear_error();  // a full handshake then
  return true;
}

void SessionSlot::clear() noexcept {
  SSL_SESSION_free(session_);
  session_ = nullptr;
}

void SessionSlot::store(const SessionLink& link, SSL_SESSION* session) {
  clear();
  session_ = session;
  context_ = link.context;
  name_ = link.name;
}

SSL_SESSION* SessionSlot::find(const SessionLink& link) const noexcept {
  return session_ != nullptr && context_ == link.context && name_ == link.name ? session_ : nullptr;
}

}  // namespace gatehouse::tls
