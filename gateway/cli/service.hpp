// Service: a gateway with its admin API and signals, run in the foreground: what `run` and `demo` share. The calling
// thread becomes the control thread until the gateway has ended.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::cli {

class Service {
 public:
  using Load = std::function<Result<config::Config, config::Problems>()>;

  /// `load` gives the configuration again for every reload; `source` names it in messages.
  Service(unsigned workers, std::string source, Load load);
  ~Service();

  /// Starts everything; what is wrong is printed, and false returned.
  bool start(config::Config config);
  /// One line: ready, the listeners with their real ports, the admin address.
  std::string ready_line() const;
  /// Serves until a signal or the admin API ends it.
  void run();
  const std::string& admin_address() const noexcept;

 private:
  struct State;  // keeps the headers of the whole gateway out of the verbs
  std::unique_ptr<State> state_;
};

/// The number of workers: asked for, else configured, else one per core.
unsigned worker_count(unsigned asked, const config::Config& config) noexcept;

}  // namespace gatehouse::cli
