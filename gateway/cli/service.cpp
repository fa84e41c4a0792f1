#include "gateway/cli/service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/admin/gateway_control.hpp"
#include "gateway/admin/server.hpp"
#include "gateway/observe/log.hpp"
#include "gateway/proxy/gateway.hpp"

namespace gatehouse::cli {

unsigned worker_count(unsigned asked, const config::Config& config) noexcept {
  if (asked != 0) return asked;
  if (config.workers != 0) return config.workers;
  return std::max(1u, std::thread::hardware_concurrency());
}

struct Service::State {
  using Done = std::function<void(admin::ReloadResult)>;

  State(unsigned workers, std::string source, Load load)
      : source(std::move(source)),
        load(std::move(load)),
        gateway(io, workers),
        control(gateway, this->source, [this](Done done) { reload(std::move(done)); }, [this] { drain(); }),
        signals(io, SIGHUP, SIGTERM, SIGINT) {
    signals.add(SIGUSR1);
  }

  bool start(config::Config config);
  std::string ready_line() const;
  void wait_for_signal();
  void on_signal(int number);
  void reload(Done done);
  void begin_reload();
  void end_reload(const proxy::Gateway::Reloaded& changed);
  void drain();
  void end();

  boost::asio::io_context io;
  std::string source;
  Load load;
  proxy::Gateway gateway;
  admin::GatewayControl control;
  std::unique_ptr<admin::Server> api;
  std::string admin_address;
  boost::asio::signal_set signals;
  std::vector<Done> reload_asked;  // by whom, since the one under way began
  std::vector<Done> reload_for;    // by whom the one under way was; empty: there is none
};

Service::Service(unsigned workers, std::string source, Load load)
    : state_(std::make_unique<State>(workers, std::move(source), std::move(load))) {}

Service::~Service() = default;

bool Service::start(config::Config config) { return state_->start(std::move(config)); }

std::string Service::ready_line() const { return state_->ready_line(); }

void Service::run() { state_->io.run(); }

const std::string& Service::admin_address() const noexcept { return state_->admin_address; }

bool Service::State::start(config::Config config) {
  const config::Admin settings = config.admin;
  const auto started = gateway.start(std::move(config));
  if (!started) {
    std::cerr << config::to_text(started.error());
    return false;
  }
  admin::ServerOptions options;
  options.allowed_hosts = settings.allowed_hosts;
  api = std::make_unique<admin::Server>(io, control, options);
  auto address = api->start(settings.listen);
  if (!address) {
    std::cerr << source << ": error: admin.listen: " << address.error() << '\n';
    gateway.stop();
    return false;
  }
  admin_address = *address;
  wait_for_signal();
  return true;
}

std::string Service::State::ready_line() const {
  std::string line = "ready";
  for (const config::Listener& listener : gateway.snapshot().config.listeners) {
    char room[net::Address::text_max];
    line += " " + listener.name + "=" + std::string(gateway.listening().at(listener.name).address.write(room));
  }
  return line + " admin=" + admin_address;
}

void Service::State::wait_for_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    wait_for_signal();
  });
}

void Service::State::on_signal(int number) {
  switch (number) {
    case SIGHUP: reload([](const admin::ReloadResult&) {}); break;
    case SIGUSR1: gateway.reopen_logs(); break;
    default: gateway.draining() ? end() : drain();
  }
}

/// One at a time, since rules may take seconds. Whoever asks meanwhile may have changed the files since they were read, so
/// that one more follows for all of them.
void Service::State::reload(Done done) {
  reload_asked.push_back(std::move(done));
  if (reload_for.empty()) begin_reload();
}

void Service::State::begin_reload() {
  reload_for.swap(reload_asked);
  auto loaded = load();
  if (!loaded) return end_reload(Failure{loaded.error()});
  gateway.reload(std::move(*loaded), [this](const proxy::Gateway::Reloaded& changed) { end_reload(changed); });
}

void Service::State::end_reload(const proxy::Gateway::Reloaded& changed) {
  admin::ReloadResult result;
  config::Problems problems;
  result.ok = changed.has_value();
  if (changed) {
    for (const config::Change& change : *changed) {
      result.changes.push_back(change.field + ": " + change.what + (change.restart ? " (needs a restart)" : ""));
    }
  } else {
    problems = changed.error();
  }
  result.generation = gateway.snapshot().generation;
  if (result.ok && api != nullptr) api->allow_hosts(gateway.snapshot().config.admin.allowed_hosts);
  if (!problems.empty()) {
    result.problems_text = config::to_text(problems);
    result.problems_json = config::to_json(problems);
  }
  control.reloaded(result);
  if (result.ok) {
    observe::log_info("reload", "configuration is in force",
                      {{"file", source}, {"generation", std::to_string(result.generation)}, {"changes", std::to_string(result.changes.size())}});
  } else {
    std::cerr << result.problems_text;
    observe::log_error("reload", "configuration is refused, the old one stays in force", {{"file", source}});
  }
  for (const Done& done : std::exchange(reload_for, {})) done(result);
  if (!reload_asked.empty()) begin_reload();
}

void Service::State::drain() {
  if (gateway.draining()) return;
  observe::log_info("drain", "no new connections; ends when those under way have ended",
                    {{"connections", std::to_string(gateway.connections())}});
  gateway.drain([this] { end(); });
}

/// Whoever asked for the drain gets the answer before the process ends.
void Service::State::end() {
  boost::system::error_code ignored;
  signals.cancel(ignored);
  api->finish([this] {
    gateway.stop();
    io.stop();
  });
}

}  // namespace gatehouse::cli
