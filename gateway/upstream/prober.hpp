// Prober: active health checks. One loop per endpoint on the control thread: connect, ask, read the response's head,
// close, judge; from start to start of two probes the interval passes, and the timeout covers a whole probe. All loops
// run side by side; the first probes of an apply() are spread over a second at most. What HealthTrack decides is
// published to the EndpointState and told to `on_change`. Certificates are not validated, as ALB does not.
// Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "gateway/runtime/version.hpp"
#include "gateway/upstream/group.hpp"

namespace gatehouse::upstream {

/// An endpoint's health changed.
struct HealthEvent {
  const EndpointState& endpoint;
  Health from;
  Health to;
  HealthReason reason;
  std::uint16_t status;  // of the probe's response; 0 without one
};

class Prober {
 public:
  struct Options {
    std::string user_agent{"Gatehouse-HealthChecker/" + std::string(runtime::version)};
    std::chrono::milliseconds first_probes_within{1000};  // and within the interval
    std::uint64_t seed{1};                                // of the jitter
  };
  using OnChange = std::function<void(const HealthEvent&)>;
  /// Told of every probe's end: for counts and debug logs.
  using OnProbe = std::function<void(const EndpointState&, Probe, HealthReason)>;

  Prober(boost::asio::io_context& io, OnChange on_change, Options options);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  void on_probe(OnProbe told);
  /// Probes the endpoints of these groups and no others. Loops that run already take up changed settings and keep what
  /// they know.
  void apply(std::span<const Group* const> groups);
  /// Ends all loops; their coroutines finish on the io_context soon after.
  void stop() noexcept;

  /// Whether every endpoint has been probed once.
  bool settled() const noexcept;
  std::size_t loops() const noexcept { return loops_.size(); }

 private:
  struct Shared;
  struct Loop;

  void start(std::shared_ptr<EndpointState> endpoint, const config::TargetGroup& group);

  std::shared_ptr<Shared> shared_;
  std::map<const EndpointState*, std::shared_ptr<Loop>> loops_;
};

}  // namespace gatehouse::upstream
