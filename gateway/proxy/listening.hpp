// ListeningSockets: the addresses the gateway is bound to, a socket for each worker and listener, kept over reloads.
// A reload first binds what is new (plan), so that a port in use is found before anything has changed, and then takes
// the plan over or lets it go. Control thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/config/problems.hpp"
#include "gateway/net/address.hpp"

namespace gatehouse::proxy {

class ListeningSockets {
 public:
  /// What a listener is bound to.
  struct Bound {
    std::string configured;  // the address as configured
    net::Address address;    // with the real port
  };

  /// What would change: sockets that are bound already, waiting for their workers.
  struct Plan {
    Plan() = default;
    Plan(Plan&&) = default;
    Plan& operator=(Plan&&) = default;
    ~Plan();

    std::map<std::string, Bound> bound;                   // all listeners of the new configuration
    std::map<std::string, std::vector<int>> descriptors;  // of those that are new or moved, one a worker
    std::vector<std::string> gone;                        // listeners whose old sockets are to be closed
    std::map<std::string, std::string> renamed;           // old name to new: the sockets go on
    std::map<std::string, std::uint16_t> ports() const;
  };

  explicit ListeningSockets(unsigned workers) noexcept : workers_(workers) {}

  /// Binds what the configuration asks for beyond what is bound. All that cannot be bound is reported.
  Result<Plan, config::Problems> plan(const config::Config& config) const;
  /// The plan is in force; its descriptors are the caller's now.
  std::map<std::string, std::vector<int>> take_over(Plan& plan);

  const std::map<std::string, Bound>& bound() const noexcept { return bound_; }

 private:
  unsigned workers_;
  std::map<std::string, Bound> bound_;  // by listener name
};

}  // namespace gatehouse::proxy
