// Edge: one worker with all it serves: its listening sockets, its client sessions, its proxy. Connections are accepted
// within the limits, shake hands where the listener asks for TLS, and become sessions. Made on the control thread
// before the worker runs; afterwards everything is done on the worker's thread, through worker().post().
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/http1/server.hpp"
#include "gateway/net/acceptor.hpp"
#include "gateway/proxy/proxy.hpp"
#include "gateway/runtime/worker.hpp"

namespace gatehouse::proxy {

/// Addresses are the clients' choice (IPv6), so the hash has a secret.
struct AddressHash {
  std::uint64_t seed;
  std::size_t operator()(const filters::Address& address) const noexcept {
    std::uint64_t words[2];
    std::memcpy(words, address.bytes.data(), sizeof words);
    std::uint64_t z = (words[0] ^ seed) * 0x9e3779b97f4a7c15u;
    z = ((z ^ (z >> 32)) + words[1]) * 0xbf58476d1ce4e5b9u + seed;
    return z ^ (z >> 29);
  }
};

class Edge {
 public:
  /// What an edge writes to.
  struct Outlets {
    observe::WorkerMetrics& metrics;
    observe::LogRing& log_ring;
    observe::LogRing& waf_log_ring;
    std::atomic<std::uint32_t>& connections;           // of the whole process
    const std::vector<std::unique_ptr<Edge>>& edges;  // all of them, this one too
  };
  Edge(unsigned index, std::uint64_t seed, const Outlets& outlets, std::shared_ptr<const Snapshot> snapshot);
  ~Edge();

  runtime::Worker& worker() noexcept { return worker_; }

  /// Accepts on this listening descriptor, which it takes over, for the listener of this stable id.
  void listen(std::uint32_t listener, int fd);
  /// Stops accepting for a listener.
  void stop_listening(std::uint32_t listener) noexcept;
  /// Listeners that go on under another name on the address they have: old ids and new ones.
  void rename(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ids) noexcept;
  /// Puts a configuration in force; connections that idle on a listener it does not have are closed.
  void use(std::shared_ptr<const Snapshot> snapshot);
  /// Stops accepting, closes what is idle, lets what is under way finish.
  void drain() noexcept;
  /// Client connections under way.
  std::size_t connections() const noexcept { return connections_; }
  std::size_t idle_origin_connections() noexcept { return proxy_.connections().idle(); }

 private:
  struct Listening {
    Listening(Edge& edge, std::uint32_t listener) noexcept;
    Edge& edge;
    std::uint32_t listener;
    net::Acceptor acceptor;
  };
  class Place;

  static void accepted(void* listening, int fd, const net::Address& peer);
  void accept(std::uint32_t listener, int fd, const net::Address& peer);
  bool make_room(const CompiledListener& listener, const net::Address& peer);
  Task<> serve_plain(Place place, std::unique_ptr<net::Stream> stream, exchange::Connection connection);
  Task<> serve_tls(Place place, std::shared_ptr<const tls::ServerContext> context, int fd, exchange::Connection connection);
  void sweep();

  runtime::Worker worker_;
  Proxy proxy_;
  http1::Server server_;
  std::vector<std::unique_ptr<Listening>> listening_;
  bool close_idle_elsewhere();

  std::atomic<std::uint32_t>& connections_of_process_;
  const std::vector<std::unique_ptr<Edge>>& edges_;
  std::size_t connections_{0};
  std::unordered_map<filters::Address, std::uint32_t, AddressHash> by_client_;
  runtime::asio::steady_timer sweep_timer_;
};

}  // namespace gatehouse::proxy
