#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {

Proxy::Proxy(runtime::Worker& worker, observe::WorkerMetrics& metrics, observe::LogRing& log_ring, WorkerSnapshot::Pin snapshot)
    : worker_(worker),
      metrics_(metrics),
      log_(log_ring),
      current_(std::move(snapshot)),
      connections_(worker, metrics) {}

bool Proxy::closing(const exchange::Connection& connection) const noexcept {
  return draining_ || snapshot().listener(connection.listener) == nullptr;
}

}  // namespace gatehouse::proxy
