// Passage: what the spine has found out about one exchange so far; each of its eight steps fills in its part and reads
// what the earlier ones left. Lives in serve()'s frame; one thread.
#pragma once

#include <optional>
#include <string_view>

#include "gatehouse/filters/transaction.hpp"
#include "gateway/exchange/exchange.hpp"
#include "gateway/proxy/caching.hpp"
#include "gateway/proxy/worker_snapshot.hpp"
#include "gateway/upstream/endpoint.hpp"
#include "gateway/upstream/group.hpp"

namespace gatehouse::proxy {

using exchange::Decision;
using exchange::Errc;
using exchange::Exchange;
using exchange::Fault;
using exchange::Side;
using exchange::Try;
using gatehouse::Failure;
using runtime::Task;

class Guard;

struct Passage {
  Passage(Exchange& exchange, WorkerSnapshot& pinned, const CompiledListener& listener) noexcept
      : x(exchange), pinned(pinned), snapshot(pinned.snapshot()), listener(listener), route(&listener.fallback) {}

  /// Whom the gateway believes the client to be, port included when it is the peer.
  const net::Address& client() const noexcept { return forwarded_client ? *forwarded_client : x.connection->peer; }

  Exchange& x;
  WorkerSnapshot& pinned;  // held by serve()
  const Snapshot& snapshot;
  const CompiledListener& listener;

  // 1 identify
  std::optional<net::Address> forwarded_client;  // whom a trusted proxy says it is
  std::string_view client_text;   // without port
  std::string_view request_id;
  bool client_trusted{false};     // the peer is a trusted proxy, so its X-Forwarded-* are believed
  bool refused{false};            // by the protocol: there is no sound request to route

  // 2 match
  const CompiledRule* route;

  // 3 screen
  filters::Transaction screening;
  Guard* guard{nullptr};         // of the route's web ACL; null without one
  std::string_view waf_action;   // what became of it; empty without a web ACL

  // 4 look up
  std::optional<Caching> caching;  // when a behavior matched
  cache::ObjectRef stored;         // what the reply is made of

  std::string_view asked_path;     // what the client asked for, where something else is asked instead
  const ErrorPage* page{nullptr};  // what takes the place of an error; the request is for that page since

  // 5 steer
  const CompiledGroup* group{nullptr};
  const CompiledOrigin* origin{nullptr};  // of the behavior; its secondary is asked when the group fails. Null: none, or it was
  std::uint16_t region{upstream::any_region};

  // 6 pick and lease
  upstream::EndpointState* endpoint{nullptr};

  /// Static or exchange-long text of why it did not end well; empty when it did.
  std::string_view reason;
};

}  // namespace gatehouse::proxy
