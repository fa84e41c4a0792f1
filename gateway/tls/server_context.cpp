#include "gateway/tls/server_context.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>

#include <algorithm>
#include <map>

#include "gateway/tls/openssl.hpp"
#include "gateway/tls/policies.hpp"

namespace gatehouse::tls {
namespace {

/// What one name is answered with: at most one identity of each key type.
struct Choice {
  const Identity* ecdsa{nullptr};
  const Identity* rsa{nullptr};
  bool operator==(const Choice&) const = default;

  /// Among several for the same name ALB takes the longest key, then the longest validity.
  void offer(const Identity& identity) {
    const Identity*& place = identity.key_type() == KeyType::ecdsa ? ecdsa : rsa;
    const auto rank = [](const Identity& i) { return std::pair(i.key_bits(), i.not_after()); };
    if (place == nullptr || rank(identity) > rank(*place)) place = &identity;
  }
  std::vector<const Identity*> list() const {
    std::vector<const Identity*> both;
    if (ecdsa != nullptr) both.push_back(ecdsa);
    if (rsa != nullptr) both.push_back(rsa);
    return both;
  }
};

struct Served {
  Choice choice;
  ContextHandle context;
};

}  // namespace

struct ServerContext::State {
  ServerOptions options;
  const Policy* policy{nullptr};
  bool tickets{false};
  std::string protocols_wire;                       // ALPN's list form
  std::map<std::string, Choice, std::less<>> exact;
  std::map<std::string, Choice, std::less<>> wildcard;  // *.example.com under example.com
  std::vector<Served> served;                       // the first is the default

  const Choice& choice_for(std::string_view server_name) const {
    const std::string name = canonical_host(server_name);
    if (const auto found = exact.find(name); found != exact.end()) return found->second;
    const std::size_t dot = name.find('.');
    if (dot != name.npos && dot > 0) {  // one label for the star (RFC 9525 6.3)
      const auto found = wildcard.find(std::string_view(name).substr(dot + 1));
      if (found != wildcard.end()) return found->second;
    }
    return served.front().choice;
  }

  SSL_CTX* context_for(const Choice& choice) const {
    const auto found = std::find_if(served.begin(), served.end(), [&](const Served& s) { return s.choice == choice; });
    return found->context.get();
  }
};

namespace {

using Made = Result<ContextHandle, std::string>;
using State = ServerContext::State;

const State& state_of(SSL* ssl) { return *static_cast<const State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl))); }

// The host name of a server_name extension (RFC 6066 3), or empty; OpenSSL refuses a malformed one by itself later.
std::string_view server_name_in(const unsigned char* at, std::size_t size) {
  const auto number = [&](std::size_t i) { return static_cast<std::size_t>(at[i] << 8 | at[i + 1]); };
  if (size < 5 || number(0) != size - 2 || at[2] != TLSEXT_NAMETYPE_host_name || number(3) > size - 5) return {};
  return std::string_view(reinterpret_cast<const char*>(at) + 5, number(3));
}

// Runs before a ticket is looked at, so that the session context it is checked against is the chosen name's.
int on_client_hello(SSL* ssl, int*, void*) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &size) != 1) return SSL_CLIENT_HELLO_SUCCESS;
  const State& state = state_of(ssl);
  SSL_CTX* const chosen = state.context_for(state.choice_for(server_name_in(extension, size)));
  if (chosen != SSL_get_SSL_CTX(ssl) && SSL_set_SSL_CTX(ssl, chosen) == nullptr) return SSL_CLIENT_HELLO_ERROR;
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Only so that OpenSSL answers the extension and keeps the name with a TLS 1.2 session; the choice is made above.
int on_server_name(SSL* ssl, int*, void*) {
  return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// Callback: OpenSSL dictates the parameters.
int on_protocols(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                 unsigned in_size, void*) {
  const std::string& ours = state_of(ssl).protocols_wire;
  unsigned char* picked = nullptr;
  const int result = SSL_select_next_proto(&picked, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                           static_cast<unsigned>(ours.size()), in, in_size);
  *out = picked;
  // RFC 7301 3.2: without an overlap the server answers with the no_application_protocol alert.
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Fetched once: a fetch by name in each handshake costs more than the encryption of the ticket.
const EVP_CIPHER* ticket_cipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  return cipher;
}

// Callback: OpenSSL dictates the parameters.
// Seals (1) or opens (0) a ticket; says 0 for an unknown key, 2 for one that should be replaced (OpenSSL's contract).
int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
  const TicketKeys& keys = *state_of(ssl).options.tickets;
  TicketKey key;
  TicketKeys::Found found = TicketKeys::Found::current;
  if (seals) {
    key = keys.current();
    std::copy(key.name.begin(), key.name.end(), name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(ticket_cipher())) != 1) return -1;
  } else if ((found = keys.find(name, key)) == TicketKeys::Found::none) {
    return 0;
  }
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
                               OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  const bool ready = EVP_MAC_CTX_set_params(mac, params) == 1 &&
                     EVP_CipherInit_ex(cipher, ticket_cipher(), nullptr, key.cipher.data(), iv, seals) == 1;
  OPENSSL_cleanse(&key, sizeof key);
  if (!ready) return -1;
  // RFC 8446 C.4: clients use a TLS 1.3 ticket once, so each resumption must hand out the next.
  return found == TicketKeys::Found::current && SSL_version(ssl) < TLS1_3_VERSION ? 1 : 2;
}

// A ticket opens under this digest only: listener, policy, protocols and the certificates its name is served with.
bool bind_sessions(SSL_CTX* context, const State& state, const Choice& choice) {
  std::string bound = state.options.listener + '\0' + state.policy->name + '\0' + state.protocols_wire;
  for (const Identity* identity : choice.list()) bound += '\0' + identity->fingerprint();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  return EVP_Digest(bound.data(), bound.size(), digest, &size, EVP_sha256(), nullptr) == 1 &&
         SSL_CTX_set_session_id_context(context, digest, std::min<unsigned>(size, SSL_MAX_SSL_SESSION_ID_LENGTH)) == 1;
}

bool apply_policy(SSL_CTX* context, const Policy& policy) {
  // 2 whatever the system's openssl.cnf says: RSA from 2048 bits, no MD5 or SHA-1 signatures.
  SSL_CTX_set_security_level(context, 2);
  return SSL_CTX_set_min_proto_version(context, static_cast<int>(policy.lowest)) == 1 &&
         SSL_CTX_set_max_proto_version(context, static_cast<int>(policy.highest)) == 1 &&
         (policy.ciphers.empty() || SSL_CTX_set_cipher_list(context, policy.ciphers.c_str()) == 1) &&
         (policy.suites.empty() || SSL_CTX_set_ciphersuites(context, policy.suites.c_str()) == 1) &&
         SSL_CTX_set1_groups_list(context, policy.groups.c_str()) == 1;
}

void apply_tickets(SSL_CTX* context, const State& state) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (!state.tickets) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return;
  }
  // One costs 15 us of CPU; a client that opens several connections at once may use it for each.
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
  // RFC 8446 4.6.1: at most seven days. A key opens for at least one period after it sealed its last ticket.
  const auto period = std::chrono::duration_cast<std::chrono::seconds>(state.options.tickets->period());
  SSL_CTX_set_timeout(context, std::clamp<long>(period.count(), 1, 7 * 24 * 3600));
}

bool use_identity(SSL_CTX* context, const Identity& identity) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (X509* certificate : identity.intermediates()) sk_X509_push(chain, certificate);
  const int done = SSL_CTX_use_cert_and_key(context, identity.leaf(), identity.key(), chain, 1);
  sk_X509_free(chain);
  return done == 1;
}

Made make_context(State& state, const Choice& choice) {
  ContextHandle context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const c = context.get();
  if (c == nullptr) return Failure{"TLS cannot be set up: " + take_error()};
  SSL_CTX_set_app_data(c, &state);
  SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_RENEGOTIATION |
                             SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_client_hello_cb(c, on_client_hello, nullptr);
  SSL_CTX_set_tlsext_servername_callback(c, on_server_name);
  SSL_CTX_set_alpn_select_cb(c, on_protocols, nullptr);
  apply_tickets(c, state);
  if (!apply_policy(c, *state.policy) || !bind_sessions(c, state, choice)) {
    return Failure{fmt::format("security policy {} cannot be set up: {}", state.policy->name, take_error())};
  }
  for (const Identity* identity : choice.list()) {
    if (use_identity(c, *identity)) continue;
    return Failure{fmt::format("certificate '{}' cannot be used: {}", identity->name(), take_error())};
  }
  return context;
}

void index_names(State& state) {
  for (const auto& identity : state.options.identities) {
    for (const std::string& name : identity->dns_names()) {
      const bool wild = name.starts_with("*.");
      Choice& choice = wild ? state.wildcard[name.substr(2)] : state.exact[name];
      choice.offer(*identity);
    }
  }
}

Result<void, std::string> make_contexts(State& state) {
  Choice first;
  first.offer(*state.options.identities.front());
  std::vector<Choice> choices{first};
  for (const auto* names : {&state.exact, &state.wildcard}) {
    for (const auto& [name, choice] : *names) {
      if (std::find(choices.begin(), choices.end(), choice) == choices.end()) choices.push_back(choice);
    }
  }
  for (const Choice& choice : choices) {
    GH_TRY(ContextHandle context, make_context(state, choice));
    state.served.push_back(Served{choice, std::move(context)});
  }
  return {};
}

}  // namespace

ServerContext::ServerContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServerContext::~ServerContext() = default;

bool ServerContext::wants_fingerprints() const noexcept { return state_->options.fingerprints; }
ssl_ctx_st* ServerContext::native() const noexcept { return state_->served.front().context.get(); }

Result<std::shared_ptr<const ServerContext>, std::string> ServerContext::make(ServerOptions options) {
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  const ServerOptions& given = state->options;
  state->policy = find_policy(given.settings.security_policy);
  const auto fail = [&](std::string_view why) {
    return Failure{fmt::format("listener '{}': {}", given.listener, why)};
  };
  if (state->policy == nullptr) {
    return fail(fmt::format("unknown security policy '{}'", given.settings.security_policy));
  }
  if (given.identities.empty()) return fail("TLS needs a certificate");
  state->tickets = given.settings.session_tickets && given.tickets != nullptr;
  for (const std::string& protocol : given.protocols) {
    state->protocols_wire += static_cast<char>(protocol.size());
    state->protocols_wire += protocol;
  }
  index_names(*state);
  if (auto made = make_contexts(*state); !made) return fail(made.error());
  return std::shared_ptr<const ServerContext>(new ServerContext(std::move(state)));
}

std::vector<const Identity*> ServerContext::choose(std::string_view server_name) const {
  return state_->choice_for(server_name).list();
}

}  // namespace gatehouse::tls
