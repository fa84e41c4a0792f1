#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {

Proxy::Proxy(runtime::Worker& worker, observe::WorkerMetrics& metrics, const LogRings& rings, WorkerSnapshot::Pin snapshot)
    : worker_(worker),
      metrics_(metrics),
      log_(rings.access),
      waf_log_(rings.waf),
      inspection_room_(worker),
      current_(std::move(snapshot)),
      connections_(worker, metrics) {
  waf_log_.enable((*current_).waf_log);
}

bool Proxy::closing(const exchange::Connection& connection) const noexcept {
  return draining_ || snapshot().listener(connection.listener) == nullptr;
}

}  // namespace gatehouse::proxy
