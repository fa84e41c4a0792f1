// ServerContext: everything about TLS that a listener's connections share: policy, certificates by name, protocols,
// ticket keys. Immutable after make(); shared by all workers; a reload makes a new one. A ticket resumes only under the
// same listener, policy, protocols and certificates it was given under, whatever name the client asks for, so that
// resumption never carries a connection from one listener or certificate to another
// (docs/decisions/0004-session-tickets.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/filters/result.hpp"
#include "gateway/tls/certificates.hpp"
#include "gateway/tls/tickets.hpp"

struct ssl_ctx_st;

namespace gatehouse::tls {

struct ServerOptions {
  std::string listener;                                     // its name
  config::TlsSettings settings;
  std::vector<std::shared_ptr<const Identity>>
      identities;  // in the order of settings.certificates: the first is default
  std::vector<std::string> protocols{"http/1.1"};           // ALPN, in the server's order
  bool fingerprints{false};                                 // clients' JA3 and JA4 are wanted
  std::shared_ptr<TicketKeys> tickets;                      // used when settings.session_tickets; may be null
};

class ServerContext {
 public:
  /// The error is one line for the user.
  static Result<std::shared_ptr<const ServerContext>, std::string> make(ServerOptions options);
  ~ServerContext();
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  /// The identities a client that asks for this name may be given: exact before wildcard, else the default one; at most
  /// one of each key type. Empty name: the client sent none.
  std::vector<const Identity*> choose(std::string_view server_name) const;
  bool wants_fingerprints() const noexcept;

  // For TlsStream and the callbacks in this folder.
  ssl_ctx_st* native() const noexcept;
  struct State;
  const State& state() const noexcept { return *state_; }

 private:
  explicit ServerContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::tls
