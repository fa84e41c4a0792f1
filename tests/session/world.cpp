#include "tests/session/world.hpp"

#include <cstdio>
#include <cstdlib>

#include "gatehouse/config/load.hpp"
#include "gateway/region/dial.hpp"

namespace gatehouse::session {
namespace {

constexpr std::uint64_t tick_ns = 250'000'000;
std::uint64_t made_up_ns = 0;

std::uint64_t steady() { return made_up_ns; }
std::uint64_t wall() { return 1'700'000'000'000'000'000u + made_up_ns; }

observe::MetricNames names() {
  observe::MetricNames names;
  for (unsigned i = 0; exchange::fault_name(static_cast<exchange::Errc>(i)) != "unknown"; ++i) {
    names.fault_reasons.emplace_back(exchange::fault_name(static_cast<exchange::Errc>(i)));
  }
  names.fault_sides = {"client", "origin", "gateway"};
  for (unsigned i = 0; i < region::reasons; ++i) names.region_reasons.emplace_back(region::reason_name(static_cast<region::Reason>(i)));
  return names;
}

/// With one log or with two, whichever this data plane writes.
template <class P>
P make_proxy(runtime::Worker& worker, observe::WorkerMetrics& metrics, observe::LogRing& ring, proxy::WorkerSnapshot::Pin pin) {
  if constexpr (requires { typename P::LogRings; }) {
    return P(worker, metrics, typename P::LogRings{ring, ring}, std::move(pin));
  } else {
    return P(worker, metrics, ring, std::move(pin));
  }
}

[[noreturn]] void give_up(const config::Problems& problems) {
  std::fprintf(stderr, "%s\n", config::to_text(problems).c_str());
  std::abort();
}

}  // namespace

Setup::Setup(const std::string& yaml)
    : metrics_(names()),
      lasting_{metrics_, endpoints_, regions_,
               std::make_shared<tls::TicketKeys>(std::chrono::hours(8), std::chrono::steady_clock::time_point{}), {}, {}},
      ring_(64 * 1024, bell_),
      worker_metrics_(metrics_.add_worker()) {
  auto config = config::load_text(yaml, "session.yaml");
  if (!config) give_up(config.error());
  proxy::Prepared prepared{{}, proxy::load_web_acls(*config, {})};
  for (const config::Listener& listener : config->listeners) prepared.ports.emplace(listener.name, static_cast<std::uint16_t>(80 + prepared.ports.size()));
  auto compiled = proxy::compile(std::move(*config), 1, lasting_, prepared);
  if (!compiled) give_up(compiled.error());
  snapshot_ = std::move(*compiled);
  std::vector<const upstream::Group*> groups;
  for (const auto& group : snapshot_->groups) groups.push_back(&group->group);
  std::vector<region::NamedDial> dials;
  for (const config::Region& region : snapshot_->config.regions) dials.push_back({region.name, region.traffic_dial});
  regions_.put_in_force(dials);
  endpoints_.put_in_force(groups, 0);
}

runtime::Task<> Watch::serve(exchange::Exchange& x) {
  co_await proxy_.serve(x);
  note(x);
}

runtime::Task<> Watch::refuse(exchange::Exchange& x, exchange::Fault fault) {
  co_await proxy_.refuse(x, fault);
  note(x);
}

void Watch::note(const exchange::Exchange& x) {
  outcomes.push_back({x.account, static_cast<const http1::ServerExchange&>(x).reply_complete()});
}

World::World(Setup& setup, Faults plan)
    : faults(std::move(plan)),
      setup_(setup),
      worker_(0, 7, runtime::Clock(&steady, &wall)),
      proxy_(make_proxy<proxy::Proxy>(worker_, setup.worker_metrics_, setup.ring_, proxy::WorkerSnapshot::make(setup.snapshot_, 7))),
      watch_(proxy_),
      server_(worker_, watch_) {
  made_up_ns = 1'000'000'000'000;
  faults.shut_all = [this] { shut_all(); };
  proxy_.connections().dial_by([this](const upstream::EndpointState&) -> std::unique_ptr<net::Stream> {
    if (refuse_origins) return nullptr;
    return std::make_unique<MemoryStream>(origins.emplace_back(faults, exchange::Side::origin));
  });
}

World::~World() = default;

Link& World::connect() {
  Link& link = clients.emplace_back(faults, exchange::Side::client);
  exchange::Connection connection;
  connection.came_from(*net::Address::parse("192.0.2.7:4711"));
  connection.listener = proxy_.snapshot().listeners.front()->id;
  connection.accepted_ns = steady();
  worker_.spawn("client", server_.serve(std::make_unique<MemoryStream>(link), connection));
  return link;
}

bool World::deliver() {
  bool news = false;
  for (Link& link : clients) news |= link.deliver();
  for (std::size_t i = 0; i < origins.size(); ++i) news |= origins[i].deliver();  // dialling may add some
  return news;
}

void World::settle(const std::function<bool()>& turn) {
  for (bool news = true; news;) {
    news = turn();
    news |= deliver();
    news |= worker_.io().poll() != 0;
  }
}

bool World::run(const std::function<bool()>& turn, unsigned ticks_max) {
  for (unsigned ticks = 0;; ++ticks) {
    settle(turn);
    if (worker_.tasks() == 0) return true;
    if (ticks == ticks_max) return false;
    made_up_ns += tick_ns;
    worker_.deadlines().tick();
  }
}

std::string World::take_log() {
  const std::span<const char> lines = setup_.ring_.waiting();
  std::string text(lines.begin(), lines.end());
  setup_.ring_.consume(lines.size());
  return text;
}

void World::shut_all() noexcept {
  for (Link& link : clients) link.shut();
  for (Link& link : origins) link.shut();
}

}  // namespace gatehouse::session
