#include "gateway/cli/service.hpp"

#include <csignal>
#include <iostream>
#include <thread>

#include "gateway/observe/log.hpp"

namespace gatehouse::cli {

unsigned worker_count(unsigned asked, const config::Config& config) noexcept {
  if (asked != 0) return asked;
  if (config.workers != 0) return config.workers;
  return std::max(1u, std::thread::hardware_concurrency());
}

Service::Service(boost::asio::io_context& io, unsigned workers, std::string source, Load load)
    : io_(io),
      source_(std::move(source)),
      load_(std::move(load)),
      gateway_(io, workers),
      control_(gateway_, source_, [this] { return reload(); }, [this] { drain(); }),
      signals_(io, SIGHUP, SIGTERM, SIGINT) {
  signals_.add(SIGUSR1);
}

bool Service::start(config::Config config) {
  const config::Admin admin = config.admin;
  const auto started = gateway_.start(std::move(config));
  if (!started) {
    std::cerr << config::to_text(started.error());
    return false;
  }
  admin::ServerOptions options;
  options.allowed_hosts = admin.allowed_hosts;
  admin_ = std::make_unique<admin::Server>(io_, control_, options);
  auto address = admin_->start(admin.listen);
  if (!address) {
    std::cerr << source_ << ": error: admin.listen: " << address.error() << '\n';
    gateway_.stop();
    return false;
  }
  admin_address_ = *address;
  wait_for_signal();
  return true;
}

std::string Service::ready_line() const {
  std::string line = "ready";
  for (const config::Listener& listener : gateway_.snapshot().config.listeners) {
    char room[net::Address::text_max];
    line += " " + listener.name + "=" + std::string(gateway_.listening().at(listener.name).address.write(room));
  }
  return line + " admin=" + admin_address_;
}

void Service::run() { io_.run(); }

void Service::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    wait_for_signal();
  });
}

void Service::on_signal(int number) {
  switch (number) {
    case SIGHUP: reload(); break;
    case SIGUSR1: gateway_.reopen_logs(); break;
    default: gateway_.draining() ? end() : drain();
  }
}

admin::ReloadResult Service::reload() {
  admin::ReloadResult result;
  config::Problems problems;
  auto loaded = load_();
  if (loaded) {
    auto changed = gateway_.reload(std::move(*loaded));
    if (changed) {
      for (const config::Change& change : *changed) {
        result.changes.push_back(change.field + ": " + change.what + (change.restart ? " (needs a restart)" : ""));
      }
    } else {
      problems = changed.error();
      result.ok = false;
    }
  } else {
    problems = loaded.error();
    result.ok = false;
  }
  result.generation = gateway_.snapshot().generation;
  if (result.ok && admin_ != nullptr) admin_->allow_hosts(gateway_.snapshot().config.admin.allowed_hosts);
  if (!problems.empty()) {
    result.problems_text = config::to_text(problems);
    result.problems_json = config::to_json(problems);
  }
  control_.reloaded(result);
  if (result.ok) {
    observe::log_info("reload", "configuration is in force",
                      {{"file", source_}, {"generation", std::to_string(result.generation)}, {"changes", std::to_string(result.changes.size())}});
  } else {
    std::cerr << result.problems_text;
    observe::log_error("reload", "configuration is refused, the old one stays in force", {{"file", source_}});
  }
  return result;
}

void Service::drain() {
  if (gateway_.draining()) return;
  observe::log_info("drain", "no new connections; ends when those under way have ended",
                    {{"connections", std::to_string(gateway_.connections())}});
  gateway_.drain([this] { end(); });
}

/// Whoever asked for the drain gets the answer before the process ends.
void Service::end() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  admin_->finish([this] {
    gateway_.stop();
    io_.stop();
  });
}

}  // namespace gatehouse::cli
