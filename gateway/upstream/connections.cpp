#include "gateway/upstream/connections.hpp"

#include <algorithm>

#include "gateway/net/connect.hpp"
#include "gateway/tls/stream.hpp"

namespace gatehouse::upstream {

using exchange::Errc;
using exchange::Fault;
using exchange::Retry;
using gatehouse::Failure;

Connections::Lease::Lease(Connections& home, std::unique_ptr<Connection> connection, bool reused, const Wanted& wanted)
    : home_(&home), connection_(std::move(connection)), fetch_(home.fetches_.take()), idle_max_(wanted.group.idle_connections), reused_(reused) {
  connection_->deregistration_delay = wanted.group.deregistration_delay;
  home.enter(*connection_);
  fetch_->begin(connection_->wire, wanted.limits);
}

Connections::Lease::~Lease() {
  if (connection_ == nullptr) return;  // moved from
  const bool reusable = fetch_->reusable();
  fetch_->end();
  home_->leave(*connection_);
  if (reusable) home_->give_back(std::move(connection_), idle_max_);
}

std::optional<Connections::Lease> Connections::lease_idle(const Wanted& wanted) {
  std::optional<Lease> lease;
  if (wanted.fresh) return lease;
  if (auto connection = take_idle(wanted)) lease.emplace(*this, std::move(connection), true, wanted);
  return lease;
}

Task<Try<Connections::Lease>> Connections::lease_new(const Wanted& wanted) {
  auto connection = co_await connect(wanted);
  if (!connection) co_return Failure{connection.error()};
  co_return Lease(*this, std::move(*connection), false, wanted);
}

/// The newest idle connection that can still carry a request: the one most likely alive, and with the warmest caches.
std::unique_ptr<Connection> Connections::take_idle(const Wanted& wanted) noexcept {
  auto& idle = pool_of(wanted.endpoint).idle;
  while (!idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle.back());
    idle.pop_back();
    if (connection->tls == wanted.tls && connection->wire.stream().usable()) return connection;
  }
  return nullptr;
}

Task<Try<std::unique_ptr<Connection>>> Connections::connect(const Wanted& wanted) {
  observe::EndpointSeries& series = metrics_.endpoint(wanted.endpoint.series());
  series.connects.add();
  if (dial_) {
    auto dialled = dial_(wanted.endpoint);
    if (dialled != nullptr) co_return std::make_unique<Connection>(worker_, std::move(dialled), wanted.endpoint);
    series.connect_failures.add();
    co_return Failure{exchange::fault_of(Errc::connect_failed)};
  }
  std::unique_ptr<net::Stream> stream;
  if (wanted.tls != nullptr) {
    stream = std::make_unique<tls::TlsStream>(wanted.tls, wanted.endpoint.host(), &pool_of(wanted.endpoint).session);
  } else {
    stream = std::make_unique<net::PlainStream>();
  }
  Fault failed = exchange::fault_of(Errc::connect_failed);
  failed.os_error = net::begin_connect(worker_.ports(), stream->port(), wanted.endpoint.pick_address());
  if (failed.os_error != 0) {
    series.connect_failures.add();
    co_return Failure{failed};
  }
  auto connection = std::make_unique<Connection>(worker_, std::move(stream), wanted.endpoint);
  const Try<void> waited = co_await connection->wire.wait_writable(wanted.limits.connect_timeout);
  failed.os_error = net::finish_connect(connection->wire.stream().port());
  if (!waited || failed.os_error != 0) {
    series.connect_failures.add();
    co_return Failure{waited ? failed : exchange::fault_of(Errc::connect_timeout)};
  }
  if (wanted.tls != nullptr) {
    const Try<void> agreed = co_await shake_hands(*connection, wanted);
    if (!agreed) {
      series.connect_failures.add();
      co_return Failure{agreed.error()};
    }
  }
  co_return connection;
}

Task<Try<void>> Connections::shake_hands(Connection& connection, const Wanted& wanted) {
  connection.tls = wanted.tls;
  connection.wire.limit_handshake(wanted.limits.tls_handshake_timeout);
  auto& stream = static_cast<tls::TlsStream&>(connection.wire.stream());
  const tls::HandshakeResult result = co_await stream.handshake();
  const bool late = connection.wire.expired();
  connection.wire.settle();
  if (result.ok()) co_return Try<void>{};
  Fault fault = exchange::fault_of(late ? Errc::connect_timeout : Errc::origin_tls);
  fault.os_error = result.os_error;
  co_return Failure{fault};
}

void Connections::give_back(std::unique_ptr<Connection> connection, std::uint32_t idle_max) {
  auto& idle = pool_of(connection->endpoint).idle;
  if (idle.size() >= idle_max) return;
  connection->idle_since_tick = worker_.deadlines().now();
  idle.push_back(std::move(connection));
}

Connections::Pool& Connections::pool_of(const EndpointState& endpoint) {
  if (endpoint.id() >= pools_.size()) pools_.resize(endpoint.id() + 1);
  auto& pool = pools_[endpoint.id()];
  if (pool == nullptr) pool = std::make_unique<Pool>();
  return *pool;
}

void Connections::enter(Connection& connection) {
  auto& busy = pool_of(connection.endpoint).busy;
  connection.busy_at = busy.size();
  busy.push_back(&connection);
}

void Connections::leave(Connection& connection) noexcept {
  auto& busy = pools_[connection.endpoint.id()]->busy;
  busy[connection.busy_at] = busy.back();
  busy[connection.busy_at]->busy_at = connection.busy_at;
  busy.pop_back();
}

void Connections::sweep(std::chrono::milliseconds idle_limit) {
  const std::uint64_t now = worker_.clock().steady_ns();
  const std::uint32_t tick = worker_.deadlines().now();
  for (auto& pool : pools_) {
    if (pool == nullptr) continue;
    std::erase_if(pool->idle, [&](const std::unique_ptr<Connection>& connection) {
      const auto idle = (tick - connection->idle_since_tick) * runtime::Deadlines::tick_length;
      return idle > idle_limit || !connection->wire.stream().usable();
    });
    end_drained(*pool, now);
  }
}

/// Shutting a connection wakes its exchange later, from the event loop, so the list does not change here.
void Connections::end_drained(Pool& pool, std::uint64_t now_ns) {
  const EndpointState* const endpoint = pool.busy.empty() ? nullptr : &pool.busy.front()->endpoint;
  if (endpoint == nullptr || !(endpoint->draining() || endpoint->retired())) {
    pool.draining_since_ns = 0;
    return;
  }
  if (pool.draining_since_ns == 0) pool.draining_since_ns = now_ns;
  for (Connection* connection : pool.busy) {
    const auto delay_ns = static_cast<std::uint64_t>(connection->deregistration_delay.count()) * 1'000'000;
    if (now_ns - pool.draining_since_ns >= delay_ns) connection->wire.stream().shut();
  }
}

std::size_t Connections::idle() const noexcept {
  std::size_t count = 0;
  for (const auto& pool : pools_) count += pool == nullptr ? 0 : pool->idle.size();
  return count;
}

}  // namespace gatehouse::upstream
