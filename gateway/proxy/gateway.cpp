#include "gateway/proxy/gateway.hpp"

#include <algorithm>
#include <random>

#include "gateway/observe/log.hpp"
#include "gateway/region/dial.hpp"

namespace gatehouse::proxy {
namespace {

using config::Problems;
using std::chrono::steady_clock;

constexpr std::chrono::seconds housekeeping_interval{1};
constexpr std::chrono::milliseconds drain_look{20};

observe::MetricNames metric_names() {
  observe::MetricNames names;
  for (unsigned i = 0; i <= static_cast<unsigned>(exchange::last_errc); ++i) {
    names.fault_reasons.emplace_back(exchange::fault_name(static_cast<Errc>(i)));
  }
  names.fault_sides = {"client", "origin", "gateway"};
  for (unsigned i = 0; i < cache_results; ++i) {
    names.cache_results.emplace_back(cache_result_name(static_cast<CacheResult>(i)));
  }
  for (unsigned i = 0; i < region::reasons; ++i) {
    names.region_reasons.emplace_back(region::reason_name(static_cast<region::Reason>(i)));
  }
  return names;
}

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count());
}

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Says it, and clears what traffic has held against an endpoint that its probes have just found well again.
void health_changed(const upstream::HealthEvent& event, const upstream::EndpointRegistry& endpoints) {
  if (event.from == upstream::Health::unhealthy && event.to == upstream::Health::healthy) {
    if (auto* endpoint = endpoints.find(event.endpoint.group(), event.endpoint.address_text())) endpoint->forgive();
  }
  const auto to = upstream::health_name(event.to);
  const bool down = event.to == upstream::Health::unhealthy;
  observe::event_log().write(down ? observe::Level::warning : observe::Level::info, "health", "an endpoint's health changed",
                             {{"target_group", event.endpoint.group()},
                              {"endpoint", event.endpoint.address_text()},
                              {"state", to},
                              {"reason", upstream::health_reason_code(event.reason)}});
}

/// Only failures are worth a line: an endpoint that comes back shows in its health.
void name_changed(const upstream::EndpointState& endpoint, const std::string& error) {
  if (error.empty()) return;
  observe::log_warning("resolve", "an endpoint's name cannot be resolved", {{"endpoint", endpoint.address_text()}, {"error", error}});
}

void report_log_trouble(std::string_view message, int os_error) {
  observe::log_error("access_log", message, {{"errno", std::to_string(os_error)}});
}

void report_waf_log_trouble(std::string_view message, int os_error) {
  observe::log_error("waf_log", message, {{"errno", std::to_string(os_error)}});
}

/// Rules that are others now although the configuration says the same of them.
void add_rule_changes(const Snapshot& from, const Snapshot& to, std::vector<config::Change>& changes) {
  for (const auto& acl : to.web_acls) {
    for (const auto& old : from.web_acls) {
      if (old->config->name != acl->config->name || old->text_hash == acl->text_hash) continue;
      changes.push_back({"web_acls[" + acl->config->name + "].rules",
                         std::to_string(old->rules->rule_count()) + " -> " + std::to_string(acl->rules->rule_count()) + " rules, other text"});
    }
  }
}

}  // namespace

Gateway::Gateway(boost::asio::io_context& control, unsigned workers)
    : control_(control),
      workers_(workers),
      metrics_(metric_names()),
      lasting_{metrics_, endpoints_, regions_,
               std::make_shared<tls::TicketKeys>(config::TlsSettings().ticket_rotation, steady_clock::now()), {}, {}},
      sockets_(workers),
      log_writer_(&report_log_trouble),
      waf_log_writer_(&report_waf_log_trouble),
      resolver_(control),
      names_(resolver_, &name_changed),
      prober_(control, [this](const upstream::HealthEvent& event) { health_changed(event, endpoints_); }, upstream::Prober::Options()),
      housekeeping_timer_(control),
      drain_timer_(control),
      loading_(control) {}

Gateway::~Gateway() { stop(); }

Result<void, Problems> Gateway::start(config::Config config) {
  GH_TRY(ListeningSockets::Plan plan, sockets_.plan(config));
  // Nothing is served yet, so that all processors are there for the rules.
  const Prepared prepared{plan.ports(), load_web_acls(config, on_all_processors())};
  GH_TRY(std::shared_ptr<Snapshot> snapshot, compile(std::move(config), 1, lasting_, prepared));
  std::random_device seed;
  const std::uint64_t ring_size = snapshot->config.logs.access.buffer;
  for (unsigned i = 0; i < workers_; ++i) {
    const std::uint64_t random = (std::uint64_t{seed()} << 32) | seed();
    const Edge::Outlets outlets{metrics_.add_worker(), log_writer_.add_ring(ring_size),
                                waf_log_writer_.add_ring(snapshot->config.logs.waf.buffer), connections_, edges_};
    edges_.push_back(std::make_unique<Edge>(i, random, outlets, snapshot));
  }
  log_path_ = snapshot->access_log ? snapshot->config.logs.access.path : "/dev/null";
  if (const int error = log_writer_.start(log_path_)) {
    config::Problem problem;
    problem.field = "logs.access.path";
    problem.message = "cannot open the access log " + log_path_ + ": " + std::strerror(error);
    Problems problems;
    problems.add(std::move(problem));
    return Failure{std::move(problems)};
  }
  if (const int error = open_waf_log(snapshot->waf_log_path)) {
    config::Problem problem;
    problem.field = "logs.waf.path";
    problem.message = "cannot open the WAF log " + snapshot->waf_log_path + ": " + std::strerror(error);
    Problems problems;
    problems.add(std::move(problem));
    return Failure{std::move(problems)};
  }
  put_in_force(std::move(snapshot), std::move(plan));
  running_ = true;
  for (const auto& edge : edges_) edge->worker().start();
  housekeeping();
  return {};
}

void Gateway::reload(config::Config config, std::function<void(Reloaded)> done) {
  const bool has_rules = std::ranges::any_of(config.web_acls, [](const config::WebAcl& acl) { return acl.mode != config::WebAclMode::off; });
  if (!has_rules) return done(apply(std::move(config), {}));
  struct Loading {
    config::Config config;
    LoadedAcls acls;
    std::function<void(Reloaded)> done;
  };
  auto loading = std::make_shared<Loading>(Loading{std::move(config), {}, std::move(done)});
  // Half of the processors: the workers go on serving.
  const auto run_jobs = [this](auto jobs) {
    return runtime::run_on_threads(jobs, std::max(1u, runtime::processors() / 2), &loading_.stopping());
  };
  loading_.run([loading, run_jobs] { loading->acls = load_web_acls(loading->config, run_jobs); },
               [this, loading] { loading->done(apply(std::move(loading->config), std::move(loading->acls))); });
}

Gateway::Reloaded Gateway::apply(config::Config config, LoadedAcls acls) {
  std::vector<config::Change> changes = config::diff(snapshot_->config, config);
  GH_TRY(ListeningSockets::Plan plan, sockets_.plan(config));
  const Prepared prepared{plan.ports(), std::move(acls)};
  GH_TRY(std::shared_ptr<Snapshot> snapshot, compile(std::move(config), snapshot_->generation + 1, lasting_, prepared));
  add_rule_changes(*snapshot_, *snapshot, changes);
  put_in_force(std::move(snapshot), std::move(plan));
  return changes;
}

/// From here on nothing can fail.
void Gateway::put_in_force(std::shared_ptr<Snapshot> snapshot, ListeningSockets::Plan plan) {
  std::vector<const upstream::Group*> groups;
  for (const auto& group : snapshot->groups) groups.push_back(&group->group);
  std::vector<region::NamedDial> dials;
  for (const config::Region& region : snapshot->config.regions) dials.push_back({region.name, region.traffic_dial});
  regions_.put_in_force(dials);
  endpoints_.put_in_force(groups, steady_ms());
  snapshot_ = snapshot;
  names_.apply(groups);
  prober_.apply(groups);

  // One set of keys serves all listeners, so the most careful of them sets the pace.
  config::Milliseconds rotation = config::TlsSettings().ticket_rotation;
  for (const config::Listener& listener : snapshot->config.listeners) {
    if (listener.protocol == config::ListenerProtocol::https) rotation = std::min(rotation, listener.tls.ticket_rotation);
  }
  lasting_.tickets->set_period(rotation);

  const std::string path = snapshot->access_log ? snapshot->config.logs.access.path : "/dev/null";
  if (running_ && path != log_path_) log_writer_.reopen(path);
  log_path_ = path;

  if (const int error = open_waf_log(snapshot->waf_log_path)) report_waf_log_trouble("cannot open the WAF log", error);

  std::vector<std::uint32_t> gone;
  for (const std::string& name : plan.gone) gone.push_back(lasting_.listeners.of(name));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> renamed;
  for (const auto& [from, to] : plan.renamed) renamed.emplace_back(lasting_.listeners.of(from), lasting_.listeners.of(to));
  const auto descriptors = sockets_.take_over(plan);
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    std::vector<std::pair<std::uint32_t, int>> fresh;
    for (const auto& [name, list] : descriptors) fresh.emplace_back(lasting_.listeners.of(name), list[i]);
    Edge& edge = *edges_[i];
    edge.worker().post([&edge, gone, renamed, fresh, snapshot] {
      edge.rename(renamed);
      for (const std::uint32_t listener : gone) edge.stop_listening(listener);
      edge.use(snapshot);
      for (const auto& [listener, fd] : fresh) edge.listen(listener, fd);
    });
  }
}

/// Where the WAF log goes; its writer runs from the first web ACL with a log on. 0, or the errno of opening it.
int Gateway::open_waf_log(const std::string& path) {
  if (path == waf_log_path_ || path.empty()) return 0;
  if (waf_log_path_.empty()) {
    if (const int error = waf_log_writer_.start(path)) return error;
  } else {
    waf_log_writer_.reopen(path);
  }
  waf_log_path_ = path;
  return 0;
}

void Gateway::housekeeping() {
  lasting_.tickets->tick(steady_clock::now());
  endpoints_.collect(steady_ms());
  if (lasting_.cache) lasting_.cache->tidy(wall_ms());
  housekeeping_timer_.expires_after(housekeeping_interval);
  housekeeping_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) housekeeping();
  });
}

void Gateway::drain(std::function<void()> ended) {
  if (draining_) return;
  draining_ = true;
  drained_ = std::move(ended);
  drain_until_ = steady_clock::now() + snapshot_->config.drain_timeout;
  for (const auto& edge : edges_) edge->worker().post([&edge = *edge] { edge.drain(); });
  wait_for_drain();
}

void Gateway::wait_for_drain() {
  drain_timer_.expires_after(drain_look);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (connections() != 0 && steady_clock::now() < drain_until_) return wait_for_drain();
    if (drained_) drained_();
  });
}

void Gateway::purge(std::vector<Purge> what, cache::PurgeMode mode, std::function<void()> done) {
  // On a worker, since what waits for the disk is a task of one.
  runtime::Worker& worker = edges_.front()->worker();
  const auto purge_all = [](std::shared_ptr<SharedCache> cache, runtime::Worker& on, std::vector<Purge> purges, cache::PurgeMode how,
                            std::function<void()> then) -> Task<> {
    for (const Purge& purge : purges) co_await cache->purge(on, purge.kind, purge.text, how);
    then();
  };
  auto back = [this, done = std::move(done)] { boost::asio::post(control_, done); };
  worker.post([cache = lasting_.cache, &worker, what = std::move(what), mode, back = std::move(back), purge_all]() mutable {
    worker.spawn("purge", purge_all(std::move(cache), worker, std::move(what), mode, std::move(back)));
  });
}

void Gateway::stop() {
  if (!running_) return;
  running_ = false;
  housekeeping_timer_.cancel();
  drain_timer_.cancel();
  prober_.stop();
  names_.stop();
  for (const auto& edge : edges_) edge->worker().stop();
  for (const auto& edge : edges_) edge->worker().join();
  for (const auto& edge : edges_) {
    edge->drain();
    edge->worker().finish_tasks();
  }
  if (lasting_.cache) lasting_.cache->close();
  log_writer_.stop();
  if (!waf_log_path_.empty()) waf_log_writer_.stop();
}

}  // namespace gatehouse::proxy
