// ClientContext: how a target group's origins are spoken to over TLS: what they must prove and which protocols are
// offered. Immutable after make(); shared by all workers. SessionSlot keeps the newest session of one endpoint for
// resumption; it belongs to one worker and outlives the streams that were made with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/filters/result.hpp"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace gatehouse::tls {

class SessionSlot;

/// Which slot a connection's sessions go to, and under which name they were verified. Lives as long as its SSL.
struct SessionLink {
  SessionSlot* slot{nullptr};  // null: no resumption
  std::uint64_t context{0};    // ClientContext::id()
  std::string name;
};

class ClientContext {
 public:
  /// The error is one line for the user (the CA file cannot be read).
  static Result<std::shared_ptr<const ClientContext>, std::string> make(
      const config::OriginTls& settings, const std::vector<std::string>& protocols = {"http/1.1"});
  ~ClientContext();
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  bool verifies() const noexcept { return verifies_; }

  // For TlsStream.
  ssl_ctx_st* native() const noexcept { return context_; }
  /// The name an endpoint of this host is asked for and verified against: the configured one, or else its host.
  SessionLink link(std::string_view host, SessionSlot* slot) const;
  /// Sets SNI, the name to verify and, when the link's slot has one that fits, the session. False: out of memory.
  bool prepare(ssl_st* ssl, SessionLink& link) const;

 private:
  ClientContext() = default;
  ssl_ctx_st* context_{nullptr};
  bool verifies_{true};
  std::string server_name_;
  std::uint64_t id_{0};  // never reused in a process
};

/// The newest session of one endpoint. It counts only for the context and name it was verified under, because a resumed
/// handshake does not verify again. In TLS 1.3 it serves one connection, which brings the next (RFC 8446 C.4).
class SessionSlot {
 public:
  SessionSlot() = default;
  ~SessionSlot() { clear(); }
  SessionSlot(const SessionSlot&) = delete;
  SessionSlot& operator=(const SessionSlot&) = delete;

  bool empty() const noexcept { return session_ == nullptr; }
  void clear() noexcept;

  // For TlsStream. store() takes the reference over.
  void store(const SessionLink& link, ssl_session_st* session);
  /// Null when there is none that fits.
  ssl_session_st* find(const SessionLink& link) const noexcept;

 private:
  ssl_session_st* session_{nullptr};
  std::uint64_t context_{0};
  std::string name_;
};

}  // namespace gatehouse::tls
