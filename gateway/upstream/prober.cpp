#include "gateway/upstream/prober.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "gateway/runtime/control_task.hpp"
#include "gateway/runtime/random.hpp"
#include "gateway/upstream/probe.hpp"

namespace gatehouse::upstream {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

/// What the loops need of the prober; coroutines keep it alive until they have ended.
struct Prober::Shared {
  Shared(asio::io_context& io, OnChange on_change, Options options)
      : io(io), on_change(std::move(on_change)), options(std::move(options)), random(this->options.seed) {}

  asio::io_context& io;
  OnChange on_change;
  OnProbe on_probe;
  Options options;
  runtime::Random random;
};

struct Prober::Loop {
  Loop(std::shared_ptr<Shared> shared, std::shared_ptr<EndpointState> endpoint, ProbePlan plan)
      : shared(std::move(shared)),
        endpoint(std::move(endpoint)),
        plan(std::move(plan)),
        track(Thresholds(this->plan.check.unhealthy_threshold, this->plan.check.healthy_threshold)),
        timer(this->shared->io) {}

  static runtime::ControlTask<> run(std::shared_ptr<Loop> loop);
  runtime::ControlTask<> wait();
  runtime::ControlTask<Finding> probe_once();
  void judge(const Finding& finding);
  void use(ProbePlan changed);
  void stop() noexcept;
  /// When the next probe starts.
  SteadyClock::time_point due() const noexcept { return probed ? began + plan.check.interval : began; }

  std::shared_ptr<Shared> shared;
  std::shared_ptr<EndpointState> endpoint;
  ProbePlan plan;
  HealthTrack track;
  asio::steady_timer timer;
  tls::ProbeConnection* connection{nullptr};  // of the probe under way
  SteadyClock::time_point began;              // the last probe, or when the first is to be
  bool probed{false};
  bool stopped{false};
};

runtime::ControlTask<> Prober::Loop::run(std::shared_ptr<Loop> loop) {
  while (true) {
    co_await loop->wait();
    if (loop->stopped) co_return;
    loop->began = SteadyClock::now();
    const Finding finding = co_await loop->probe_once();
    if (loop->stopped) co_return;
    loop->probed = true;
    loop->judge(finding);
  }
}

/// Until the next probe is due. A reload that changes the interval cancels the timer, and the rest is reckoned anew.
runtime::ControlTask<> Prober::Loop::wait() {
  while (!stopped && SteadyClock::now() < due()) {
    timer.expires_at(due());
    co_await timer.async_wait(runtime::control_token);
  }
}

runtime::ControlTask<Finding> Prober::Loop::probe_once() {
  using Security = tls::ProbeConnection::Security;
  const ProbePlan current = plan;  // a reload may replace it while the probe waits
  net::Address address = endpoint->pick_address();
  if (!address) co_return Finding(Probe::failed, HealthReason::failed_health_checks);
  if (current.check.port != 0) address = address.with_port(current.check.port);
  const bool secure = current.check.protocol == config::HealthProtocol::https;
  tls::ProbeConnection fresh(shared->io, secure ? Security::tls : Security::plain);
  connection = &fresh;
  const Finding finding = co_await probe(current, fresh, address);
  connection = nullptr;
  co_return finding;
}

void Prober::Loop::judge(const Finding& finding) {
  const Health before = track.health();
  track.saw(finding.probe, finding.reason);
  endpoint->set_health(HealthReport{track.health(), track.reason(), finding.status});
  if (shared->on_probe) shared->on_probe(*endpoint, finding.probe, finding.reason);
  if (track.health() == before || !shared->on_change) return;
  const HealthEvent event{*endpoint, before, track.health(), track.reason(), finding.status};
  shared->on_change(event);
}

void Prober::Loop::use(ProbePlan changed) {
  plan = std::move(changed);
  track.use(Thresholds(plan.check.unhealthy_threshold, plan.check.healthy_threshold));
  timer.cancel();
}

void Prober::Loop::stop() noexcept {
  stopped = true;
  timer.cancel();
  if (connection != nullptr) connection->close();
}

Prober::Prober(asio::io_context& io, OnChange on_change, Options options)
    : shared_(std::make_shared<Shared>(io, std::move(on_change), std::move(options))) {}

Prober::~Prober() { stop(); }

void Prober::on_probe(OnProbe told) { shared_->on_probe = std::move(told); }

void Prober::apply(std::span<const Group* const> groups) {
  std::set<const EndpointState*> wanted;
  for (const Group* group : groups) {
    for (const std::shared_ptr<EndpointState>& endpoint : group->owned()) {
      if (!group->config().health_check.enabled) {
        endpoint->set_health(HealthReport{Health::unavailable, HealthReason::health_check_disabled, 0});
        continue;
      }
      wanted.insert(endpoint.get());
      start(endpoint, group->config());
    }
  }
  std::erase_if(loops_, [&](const auto& entry) {
    const bool gone = !wanted.contains(entry.first);
    if (gone) entry.second->stop();
    return gone;
  });
}

void Prober::start(std::shared_ptr<EndpointState> endpoint, const config::TargetGroup& group) {
  const config::HealthCheck& check = group.health_check;
  const std::uint16_t port = check.port != 0 ? check.port : endpoint->port();
  ProbePlan plan = make_plan(check, endpoint->host(), port, shared_->options.user_agent);
  const auto known = loops_.find(endpoint.get());
  if (known != loops_.end()) return known->second->use(std::move(plan));
  endpoint->set_health(HealthReport());
  const auto spread = std::min(check.interval, shared_->options.first_probes_within);
  auto loop = std::make_shared<Loop>(shared_, endpoint, std::move(plan));
  loop->began = SteadyClock::now();
  if (spread.count() > 0) {
    loop->began += std::chrono::milliseconds(shared_->random.next() % static_cast<std::uint64_t>(spread.count()));
  }
  loops_.emplace(endpoint.get(), loop);
  runtime::start_control_task(shared_->io, "health check", [loop] { return Loop::run(loop); });
}

void Prober::stop() noexcept {
  for (const auto& [endpoint, loop] : loops_) loop->stop();
  loops_.clear();
}

bool Prober::settled() const noexcept {
  return std::all_of(loops_.begin(), loops_.end(), [](const auto& entry) { return entry.second->probed; });
}

}  // namespace gatehouse::upstream
