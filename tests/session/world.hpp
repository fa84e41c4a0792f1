// World: the gateway's real data plane (server sessions, proxy, origin connections) on one worker with memory instead of
// sockets and made-up time instead of the clock's. Nothing runs by itself: run() lets the far ends have their turns,
// delivers what they did, and when nobody can do anything lets a quarter of a second pass. One thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "gateway/http1/server.hpp"
#include "gateway/proxy/compile.hpp"
#include "gateway/proxy/proxy.hpp"
#include "tests/session/memory_stream.hpp"

namespace gatehouse::session {

/// What is made once and used by all worlds of a configuration.
class Setup {
 public:
  /// Made from YAML; listeners get ports from 80 on.
  explicit Setup(const std::string& yaml);

  const std::shared_ptr<proxy::Snapshot>& snapshot() const noexcept { return snapshot_; }
  upstream::EndpointRegistry& endpoints() noexcept { return endpoints_; }

 private:
  friend class World;
  observe::MetricsRegistry metrics_;
  upstream::EndpointRegistry endpoints_;
  region::RegionRegistry regions_;
  proxy::Lasting lasting_;
  observe::LogBell bell_;
  observe::LogRing ring_;
  observe::WorkerMetrics& worker_metrics_;
  std::shared_ptr<proxy::Snapshot> snapshot_;
};

/// How one exchange ended, as it was accounted for.
struct Outcome {
  exchange::Account account;
  bool complete{false};  // the client was given a reply, and it was not aborted
};

/// Passes everything on to the proxy and notes how each exchange ended.
class Watch final : public exchange::Handler {
 public:
  explicit Watch(proxy::Proxy& proxy) noexcept : proxy_(proxy) {}
  runtime::Task<> serve(exchange::Exchange& x) override;
  runtime::Task<> refuse(exchange::Exchange& x, exchange::Fault fault) override;
  const config::Limits& limits() const noexcept override { return proxy_.limits(); }
  bool closing(const exchange::Connection& connection) const noexcept override { return proxy_.closing(connection); }

  std::vector<Outcome> outcomes;

 private:
  void note(const exchange::Exchange& x);
  proxy::Proxy& proxy_;
};

class World {
 public:
  explicit World(Setup& setup, Faults plan = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// A client connects; its far end. Stays until the world ends.
  Link& connect();
  /// Goes on until nobody can do anything without time passing.
  void settle(const std::function<bool()>& turn);
  /// Goes on until no task is left or the time is over. `turn` lets the far ends act and says whether they did anything.
  /// Returns whether everything has ended.
  bool run(const std::function<bool()>& turn, unsigned ticks_max = 400);
  /// The process ends: every connection is shut.
  void shut_all() noexcept;
  /// The lines of the access log since the last call.
  std::string take_log();

  Faults faults;
  std::deque<Link> clients;
  std::deque<Link> origins;  // in the order in which they were dialled
  bool refuse_origins{false};  // dialling fails

  runtime::Worker& worker() noexcept { return worker_; }
  proxy::Proxy& proxy() noexcept { return proxy_; }
  http1::Server& server() noexcept { return server_; }
  const std::vector<Outcome>& outcomes() const noexcept { return watch_.outcomes; }

 private:
  bool deliver();

  Setup& setup_;
  runtime::Worker worker_;
  proxy::Proxy proxy_;
  Watch watch_;
  http1::Server server_;
};

}  // namespace gatehouse::session
