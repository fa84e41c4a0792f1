// Gateway: the whole product in one object: workers with their edges, health probes, name resolution, the access log's
// writer, and the configuration in force. It lives on the control thread, which runs the io_context it is given; the
// data plane runs on the workers' own threads. start(), then reload() any number of times, then drain() or stop().
// Rules, which take seconds to compile, are loaded on a thread of their own; all else of a reload is done in one go.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "gatehouse/config/diff.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/observe/log_writer.hpp"
#include "gateway/observe/registry.hpp"
#include "gateway/proxy/compile.hpp"
#include "gateway/proxy/edge.hpp"
#include "gateway/proxy/listening.hpp"
#include "gateway/runtime/job_threads.hpp"
#include "gateway/upstream/endpoint_names.hpp"
#include "gateway/upstream/prober.hpp"

namespace gatehouse::proxy {

class Gateway {
 public:
  Gateway(boost::asio::io_context& control, unsigned workers);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  /// Binds, compiles, starts the workers. Once.
  Result<void, config::Problems> start(config::Config config);
  /// Puts another configuration in force without losing a request, or leaves everything as it is and says why. `done` is
  /// called on the control thread, perhaps at once; not again before that.
  using Reloaded = Result<std::vector<config::Change>, config::Problems>;
  void reload(config::Config config, std::function<void(Reloaded)> done);
  /// Takes no new connections and lets what is under way finish, for at most the configured time; then `ended` is
  /// called on the control thread. Repeated calls do nothing.
  void drain(std::function<void()> ended);
  /// Ends everything now.
  void stop();
  /// Purges; `done` is called on the control thread when nobody gets what was purged any more. Only with a cache.
  struct Purge {
    cache::PurgeKind kind;
    std::string text;
  };
  void purge(std::vector<Purge> what, cache::PurgeMode mode, std::function<void()> done);
  void reopen_logs() {
    log_writer_.reopen();
    if (!waf_log_path_.empty()) waf_log_writer_.reopen();
  }

  const Snapshot& snapshot() const noexcept { return *snapshot_; }
  const std::map<std::string, ListeningSockets::Bound>& listening() const noexcept { return sockets_.bound(); }
  observe::MetricsRegistry& metrics() noexcept { return metrics_; }
  const observe::LogWriter& log_writer() const noexcept { return log_writer_; }
  const observe::LogWriter& waf_log_writer() const noexcept { return waf_log_writer_; }
  region::RegionRegistry& regions() noexcept { return regions_; }
  upstream::EndpointRegistry& endpoints() noexcept { return endpoints_; }
  std::uint32_t workers() const noexcept { return workers_; }
  std::uint32_t connections() const noexcept { return connections_.load(std::memory_order_relaxed); }
  bool draining() const noexcept { return draining_; }

 private:
  Reloaded apply(config::Config config, LoadedAcls acls);
  void put_in_force(std::shared_ptr<Snapshot> snapshot, ListeningSockets::Plan plan);
  int open_waf_log(const std::string& path);
  void start_workers();
  void housekeeping();
  void wait_for_drain();

  boost::asio::io_context& control_;
  unsigned workers_;
  observe::MetricsRegistry metrics_;
  upstream::EndpointRegistry endpoints_;
  region::RegionRegistry regions_;
  Lasting lasting_;
  ListeningSockets sockets_;
  observe::LogWriter log_writer_;
  observe::LogWriter waf_log_writer_;
  net::Resolver resolver_;
  upstream::EndpointNames names_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::atomic<std::uint32_t> connections_{0};
  std::vector<std::unique_ptr<Edge>> edges_;
  upstream::Prober prober_;
  boost::asio::steady_timer housekeeping_timer_;
  boost::asio::steady_timer drain_timer_;
  std::function<void()> drained_;
  std::chrono::steady_clock::time_point drain_until_;
  std::string log_path_;
  std::string waf_log_path_;  // empty until the first one is wanted
  bool draining_{false};
  bool running_{false};
  runtime::Background loading_;  // of rules; the last member, so that its thread ends first
};

}  // namespace gatehouse::proxy
