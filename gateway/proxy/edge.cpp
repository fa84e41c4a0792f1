#include "gateway/proxy/edge.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "gateway/runtime/deadlines.hpp"
#include "gateway/tls/stream.hpp"

namespace gatehouse::proxy {
namespace {

constexpr std::chrono::milliseconds sweep_interval{1000};

observe::TlsVersion version_of(std::string_view text) noexcept {
  if (text == "TLSv1.3") return observe::TlsVersion::tls_1_3;
  if (text == "TLSv1.2") return observe::TlsVersion::tls_1_2;
  return observe::TlsVersion::unknown;
}

}  // namespace

/// A connection's place in the counts, given back when the connection ends.
class Edge::Place {
 public:
  Place(Edge& edge, const CompiledListener& listener, const filters::Address& client) : edge_(&edge), series_(listener.series), client_(client) {
    edge.proxy_.metrics().listener(series_).accepted.add();
    edge.connections_of_process_.fetch_add(1, std::memory_order_relaxed);
    ++edge.connections_;
    if (edge.proxy_.limits().connections_per_client != 0) counted_ = true, ++edge.by_client_[client];
  }
  Place(Place&& other) noexcept
      : edge_(std::exchange(other.edge_, nullptr)), series_(other.series_), client_(other.client_), counted_(other.counted_) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (edge_ == nullptr) return;
    edge_->proxy_.metrics().listener(series_).closed.add();
    edge_->connections_of_process_.fetch_sub(1, std::memory_order_relaxed);
    --edge_->connections_;
    if (!counted_) return;
    const auto at = edge_->by_client_.find(client_);
    if (at != edge_->by_client_.end() && --at->second == 0) edge_->by_client_.erase(at);
  }

 private:
  Edge* edge_;
  observe::SeriesId series_;
  filters::Address client_;
  bool counted_{false};
};

Edge::Listening::Listening(Edge& edge, std::uint32_t listener) noexcept
    : edge(edge), listener(listener), acceptor(edge.worker_, &Edge::accepted, this) {}

Edge::Edge(unsigned index, std::uint64_t seed, const Outlets& outlets, std::shared_ptr<const Snapshot> snapshot)
    : worker_(index, seed),
      proxy_(worker_, outlets.metrics, {outlets.log_ring, outlets.waf_log_ring},
             WorkerSnapshot::make(std::move(snapshot), worker_.random().next())),
      server_(worker_, proxy_),
      connections_of_process_(outlets.connections),
      edges_(outlets.edges),
      by_client_(16, AddressHash{worker_.random().next()}),
      sweep_timer_(worker_.io()) {
  sweep();
}

Edge::~Edge() = default;

void Edge::listen(std::uint32_t listener, int fd) {
  listening_.push_back(std::make_unique<Listening>(*this, listener));
  net::Acceptor& acceptor = listening_.back()->acceptor;
  if (acceptor.open(fd) != 0) return;
  worker_.spawn("accept", acceptor.run());
}

void Edge::stop_listening(std::uint32_t listener) noexcept {
  for (const auto& listening : listening_) {
    if (listening->listener == listener) listening->acceptor.close();
  }
}

void Edge::rename(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ids) noexcept {
  for (const auto& listening : listening_) {
    const auto found = std::ranges::find(ids, listening->listener, &std::pair<std::uint32_t, std::uint32_t>::first);
    if (found != ids.end()) listening->listener = found->second;
  }
}

void Edge::use(std::shared_ptr<const Snapshot> snapshot) {
  proxy_.use(WorkerSnapshot::make(std::move(snapshot), worker_.random().next()));
  server_.close_unwanted();
}

void Edge::drain() noexcept {
  proxy_.drain();
  for (const auto& listening : listening_) listening->acceptor.close();
  server_.close_idle();
}

void Edge::accepted(void* listening, int fd, const net::Address& peer) {
  const auto& at = *static_cast<Listening*>(listening);
  at.edge.accept(at.listener, fd, peer);
}

void Edge::accept(std::uint32_t id, int fd, const net::Address& peer) {
  const CompiledListener* const listener = proxy_.snapshot().listener(id);
  if (listener == nullptr || !make_room(*listener, peer)) {
    ::close(fd);
    return;
  }
  exchange::Connection connection;
  connection.came_from(peer);
  connection.listener = id;
  connection.accepted_ns = worker_.clock().steady_ns();
  Place place(*this, *listener, peer.ip());
  if (listener->tls != nullptr) {
    connection.secure = true;
    worker_.spawn("client (TLS)", serve_tls(std::move(place), listener->tls, fd, connection));
    return;
  }
  auto stream = std::make_unique<net::PlainStream>();
  if (!stream->port().open(worker_.ports(), fd)) return;
  worker_.spawn("client", serve_plain(std::move(place), std::move(stream), connection));
}

/// Whether one more connection is within the limits. At the limit of the process the connection that has been idle
/// longest makes room, so that silent ones cannot lock others out.
bool Edge::make_room(const CompiledListener& listener, const net::Address& peer) {
  const config::Limits& limits = proxy_.limits();
  observe::ListenerSeries& series = proxy_.metrics().listener(listener.series);
  if (proxy_.draining()) {
    series.rejected(observe::Rejection::draining);
    return false;
  }
  if (limits.connections_per_client != 0) {
    const auto at = by_client_.find(peer.ip());
    if (at != by_client_.end() && at->second >= limits.connections_per_client) {
      series.rejected(observe::Rejection::client_limit);
      return false;
    }
  }
  if (connections_of_process_.load(std::memory_order_relaxed) < limits.connections) return true;
  if (server_.close_oldest_idle() || close_idle_elsewhere()) return true;
  series.rejected(observe::Rejection::connection_limit);
  return false;
}

/// Another worker's connection makes room when none of this one's can. It is closed a moment later, so the limit may be
/// passed by one for that long.
bool Edge::close_idle_elsewhere() {
  for (const auto& edge : edges_) {
    if (edge.get() == this || edge->server_.idle() == 0) continue;
    edge->worker().post([&server = edge->server_] { server.close_oldest_idle(); });
    return true;
  }
  return false;
}

Task<> Edge::serve_plain(Place place, std::unique_ptr<net::Stream> stream, exchange::Connection connection) {
  const Place held(std::move(place));
  co_await server_.serve(std::move(stream), connection);
}

Task<> Edge::serve_tls(Place place, std::shared_ptr<const tls::ServerContext> context, int fd, exchange::Connection connection) {
  const Place held(std::move(place));
  auto stream = std::make_unique<tls::TlsStream>(std::move(context));
  if (!stream->port().open(worker_.ports(), fd)) co_return;
  runtime::Deadline deadline;
  deadline.attach(
      worker_.deadlines(), [](void* stream) noexcept { static_cast<net::Stream*>(stream)->shut(); }, stream.get());
  deadline.arm(proxy_.limits().tls_handshake_timeout);
  const tls::HandshakeResult result = co_await stream->handshake();
  const bool late = deadline.expired();
  deadline.detach();

  const CompiledListener* const listener = proxy_.snapshot().listener(connection.listener);
  if (listener == nullptr) co_return;
  observe::ListenerSeries& series = proxy_.metrics().listener(listener->series);
  if (!result.ok()) {
    series.handshake(late ? observe::HandshakeResult::timeout : observe::HandshakeResult::failed, observe::TlsVersion::unknown, false);
    co_return;
  }
  const tls::Facts facts = stream->facts();
  series.handshake(observe::HandshakeResult::ok, version_of(facts.version), facts.resumed);
  connection.tls_version = facts.version;
  connection.tls_cipher = facts.cipher;
  connection.tls_resumed = facts.resumed;
  connection.server_name = facts.server_name;
  connection.ja3 = facts.ja3;
  connection.ja4 = facts.ja4;
  co_await server_.serve(std::move(stream), connection);
}

void Edge::sweep() {
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    proxy_.connections().sweep(proxy_.limits().keep_alive_timeout);
    std::erase_if(listening_, [](const auto& listening) { return listening->acceptor.ended(); });
    sweep();
  });
}

}  // namespace gatehouse::proxy
