// probe(): one health check of one endpoint from connect to verdict. Reads no more than the response's head, and no
// more of that than a bound. On the control thread's io_context.
#pragma once

#include <cstdint>
#include <string>

#include "gatehouse/config/model.hpp"
#include "gateway/tls/probe_connection.hpp"
#include "gateway/upstream/health_track.hpp"
#include "gateway/upstream/matcher.hpp"

namespace gatehouse::upstream {

/// What to ask, made once per configuration.
struct ProbePlan {
  config::HealthCheck check;
  Matcher matcher;
  std::string request;      // the head to send; empty for TCP
  std::string server_name;  // for TLS; empty when the endpoint is an IP address
};

struct Finding {
  Finding(Probe probe, HealthReason reason, std::uint16_t status = 0) noexcept
      : probe(probe), reason(reason), status(status) {}
  Probe probe;
  HealthReason reason;
  std::uint16_t status;  // of the response; 0 when there was none
};

/// The plan for an endpoint `host:port`. The Host field is as ALB's: the port is left out when it is the protocol's
/// own.
ProbePlan make_plan(const config::HealthCheck& check, const std::string& host, std::uint16_t port,
                    const std::string& user_agent);

/// Carries it out; `connection` is new and of the plan's protocol, `address` has the port to probe.
runtime::ControlTask<Finding> probe(const ProbePlan& plan, tls::ProbeConnection& connection, net::Address address);

}  // namespace gatehouse::upstream
