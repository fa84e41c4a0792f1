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

class ClientContext {
 public:
  /// The error is one line for the user (the CA file cannot be read).
  static Result<std::shared_ptr<const ClientContext>, std::string> make(
      const config::OriginTls& settings, std::vector<std::string> protocols = {"http/1.1"});
  ~ClientContext();
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  bool verifies() const noexcept { return verifies_; }

  // For TlsStream.
  ssl_ctx_st* native() const noexcept { return context_; }
  /// The configured server name, or else the endpoint's host.
  std::string name_for(std::string_view host) const;
  /// Sets SNI, the name to verify and, when the slot has one that fits, the session. False: out of memory.
  bool prepare(ssl_st* ssl, const std::string& name) const;
  std::uint64_t id() const noexcept { return id_; }

 private:
  ClientContext() = default;
  ssl_ctx_st* context_{nullptr};
  bool verifies_{true};
  std::string server_name_;
  std::uint64_t id_{0};  // never reused in a process
};

/// The newest session of one endpoint. A session counts only for the context and name it was verified under.
class SessionSlot {
 public:
  SessionSlot() = default;
  ~SessionSlot();
  SessionSlot(const SessionSlot&) = delete;
  SessionSlot& operator=(const SessionSlot&) = delete;

  bool empty() const noexcept { return session_ == nullptr; }
  void clear() noexcept;

  // For TlsStream. store() takes the reference over.
  void store(const ClientContext& context, std::string_view name, ssl_session_st* session);
  ssl_session_st* find(const ClientContext& context, std::string_view name) const noexcept;

 private:
  ssl_session_st* session_{nullptr};
  std::uint64_t context_id_{0};
  std::string name_;
};

}  // namespace gatehouse::tls
