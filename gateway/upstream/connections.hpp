// Connections: a worker's connections to origins, busy and idle. lease_idle() takes the newest that is still usable,
// lease_new() makes one; the lease gives it back when the fetch left it reusable and closes it otherwise. Idle ones own no
// buffer. sweep() closes those that the origin ended or nobody wanted for long. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/http1/client_fetch.hpp"
#include "gateway/exchange/wire.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/runtime/recycler.hpp"
#include "gateway/tls/client_context.hpp"
#include "gateway/upstream/endpoint.hpp"

namespace gatehouse::upstream {

using exchange::Try;
using runtime::Task;

/// One TCP or TLS connection to an endpoint.
struct Connection {
  Connection(runtime::Worker& worker, std::unique_ptr<net::Stream> stream, EndpointState& endpoint)
      : counted(endpoint), wire(worker, std::move(stream), exchange::Side::origin), endpoint(endpoint) {}

  OpenConnection counted;
  exchange::Wire wire;
  EndpointState& endpoint;
  std::shared_ptr<const tls::ClientContext> tls;  // what it was made under; null: plain
  std::uint32_t idle_since_tick{0};  // of the worker's deadlines: no clock is read for it
  std::chrono::milliseconds deregistration_delay{0};
  std::size_t busy_at{0};  // its place among the endpoint's busy ones
};

class Connections {
 public:
  /// What a connection must be like.
  struct Wanted {
    EndpointState& endpoint;
    const std::shared_ptr<const tls::ClientContext>& tls;  // null: plain
    const config::Limits& limits;
    const config::TargetGroup& group;
    bool fresh{false};  // not a pooled one: a retry after another attempt failed
  };

  /// A connection for one fetch.
  class Lease {
   public:
    Lease(Connections& home, std::unique_ptr<Connection> connection, bool reused, const Wanted& wanted);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    http1::ClientFetch& fetch() noexcept { return *fetch_; }
    exchange::Wire& wire() noexcept { return connection_->wire; }
    bool reused() const noexcept { return reused_; }

   private:
    Connections* home_;
    std::unique_ptr<Connection> connection_;
    runtime::Recycler<http1::ClientFetch>::Lease fetch_;
    std::uint32_t idle_max_;
    bool reused_;
  };

  Connections(runtime::Worker& worker, observe::WorkerMetrics& metrics) noexcept : worker_(worker), metrics_(metrics) {}
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// The newest idle connection that is still usable, if there is one and a pooled one will do.
  std::optional<Lease> lease_idle(const Wanted& wanted);
  /// A new connection.
  Task<Try<Lease>> lease_new(const Wanted& wanted);
  /// Closes idle connections that ended or have not been used for `idle`, and busy ones whose endpoint has been draining
  /// for longer than its deregistration delay (aws-alb 6). Once a second or so.
  void sweep(std::chrono::milliseconds idle);
  std::size_t idle() const noexcept;
  /// Makes a stream to an endpoint that needs no connecting, or null when the endpoint refuses.
  using Dial = std::function<std::unique_ptr<net::Stream>(const EndpointState&)>;
  /// From now on connections are made so and not over the network: origins in memory.
  void dial_by(Dial dial) { dial_ = std::move(dial); }

 private:
  /// What this worker has of one endpoint.
  struct Pool {
    std::vector<std::unique_ptr<Connection>> idle;  // the newest at the back
    std::vector<Connection*> busy;
    std::uint64_t draining_since_ns{0};
    tls::SessionSlot session;
  };

  std::unique_ptr<Connection> take_idle(const Wanted& wanted) noexcept;
  Task<Try<std::unique_ptr<Connection>>> connect(const Wanted& wanted);
  Task<Try<void>> shake_hands(Connection& connection, const Wanted& wanted);
  void give_back(std::unique_ptr<Connection> connection, std::uint32_t idle_max);
  Pool& pool_of(const EndpointState& endpoint);
  void enter(Connection& connection);
  void leave(Connection& connection) noexcept;
  static void end_drained(Pool& pool, std::uint64_t now_ns);

  runtime::Worker& worker_;
  observe::WorkerMetrics& metrics_;
  Dial dial_;
  runtime::Recycler<http1::ClientFetch> fetches_;
  std::vector<std::unique_ptr<Pool>> pools_;  // by the endpoint's dense id
};

}  // namespace gatehouse::upstream
