// compile(): a checked configuration -> a Snapshot for the data plane. Certificates are read, filters and patterns
// built, stable ids and metric series given out. All that goes wrong is reported at once; then nothing has changed.
// Control thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gatehouse/config/problems.hpp"
#include "gatehouse/filters/collections.hpp"
#include "gateway/observe/registry.hpp"
#include "gateway/proxy/snapshot.hpp"
#include "gateway/proxy/web_acl.hpp"
#include "gateway/upstream/endpoint_registry.hpp"
#include "gateway/tls/tickets.hpp"

namespace gatehouse::proxy {

/// Dense numbers for names, the same for the same name as long as the process lives.
class NameIds {
 public:
  std::uint32_t of(const std::string& name) {
    return ids_.emplace(name, static_cast<std::uint32_t>(ids_.size())).first->second;
  }

 private:
  std::map<std::string, std::uint32_t> ids_;
};

/// What lives longer than one configuration.
struct Lasting {
  observe::MetricsRegistry& metrics;
  upstream::EndpointRegistry& endpoints;
  region::RegionRegistry& regions;
  std::shared_ptr<tls::TicketKeys> tickets;
  NameIds listeners;
  NameIds groups;
  std::shared_ptr<SharedCache> cache;  // made when it is first wanted
  std::shared_ptr<filters::Collections> collections = std::make_shared<filters::MemoryCollections>();
};

/// What is made ahead of compile(), some of it on other threads.
struct Prepared {
  std::map<std::string, std::uint16_t> ports;  // that each listener is bound to, by name
  LoadedAcls acls;                             // of the same configuration
};
Result<std::shared_ptr<Snapshot>, config::Problems> compile(config::Config config, std::uint64_t generation, Lasting& lasting,
                                                            const Prepared& prepared);

}  // namespace gatehouse::proxy
