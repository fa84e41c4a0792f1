// Service: a gateway with its admin API and signals, run in the foreground: what `run` and `demo` share. The calling
// thread becomes the control thread until the gateway has ended.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gateway/admin/gateway_control.hpp"
#include "gateway/admin/server.hpp"
#include "gateway/proxy/gateway.hpp"

namespace gatehouse::cli {

class Service {
 public:
  using Load = std::function<Result<config::Config, config::Problems>()>;

  /// `load` gives the configuration again for every reload; `source` names it in messages.
  Service(boost::asio::io_context& io, unsigned workers, std::string source, Load load);

  /// Starts everything; what is wrong is printed, and false returned.
  bool start(config::Config config);
  /// One line: ready, the listeners with their real ports, the admin address.
  std::string ready_line() const;
  /// Serves until a signal or the admin API ends it.
  void run();
  const std::string& admin_address() const noexcept { return admin_address_; }
  proxy::Gateway& gateway() noexcept { return gateway_; }

 private:
  void wait_for_signal();
  void on_signal(int number);
  admin::ReloadResult reload();
  void drain();
  void end();

  boost::asio::io_context& io_;
  std::string source_;
  Load load_;
  proxy::Gateway gateway_;
  admin::GatewayControl control_;
  std::unique_ptr<admin::Server> admin_;
  std::string admin_address_;
  boost::asio::signal_set signals_;
};

/// The number of workers: asked for, else configured, else one per core.
unsigned worker_count(unsigned asked, const config::Config& config) noexcept;

}  // namespace gatehouse::cli
