// Snapshot: one configuration, checked and compiled for the data plane: listeners with their filter chains and rules,
// target groups, regions. Immutable once made; shared by all workers; a reload makes a new one and the old one goes
// when its last exchange has ended. Built on the control thread by compile().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"
#include "gatehouse/filters/chain.hpp"
#include "gatehouse/filters/collections.hpp"
#include "gatehouse/filters/geo.hpp"
#include "gatehouse/filters/ip_set.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/proxy/compile_signing.hpp"
#include "gateway/proxy/origin_settings.hpp"
#include "gateway/proxy/pattern.hpp"
#include "gateway/proxy/shared_cache.hpp"
#include "gateway/proxy/web_acl.hpp"
#include "gateway/region/region_state.hpp"
#include "gateway/tls/client_context.hpp"
#include "gateway/tls/server_context.hpp"
#include "gateway/upstream/group.hpp"
#include "gateway/upstream/site_root.hpp"

namespace gatehouse::proxy {

/// A target group with what is needed to speak to its endpoints.
struct CompiledGroup {
  CompiledGroup(const config::TargetGroup& settings, std::span<const config::Region> regions, upstream::EndpointRegistry& endpoints)
      : group(settings, regions, endpoints) {}

  upstream::Group group;
  std::uint32_t id{0};     // stable over reloads
  std::uint32_t index{0};  // in the snapshot's list
  std::shared_ptr<const tls::ClientContext> tls;  // null: plain
  std::unique_ptr<const upstream::SiteRoot> site;  // files in place of endpoints; null: none
  std::unique_ptr<const OriginSettings> settings;  // null: requests are sent as they are
  std::vector<observe::SeriesId> region_series;  // by region index
};

struct CompiledForward {
  const CompiledGroup* group{nullptr};
  std::uint16_t weight{0};
};

/// What a matched rule does; exactly one of the three.
struct CompiledAction {
  enum class Kind : std::uint8_t { forward, redirect, fixed_response };
  Kind kind{Kind::fixed_response};
  std::vector<CompiledForward> forward;
  std::uint32_t weights{0};  // their sum
  config::Redirect redirect;
  config::FixedResponse fixed_response;
};

struct CompiledRule {
  std::uint32_t priority{0};  // 0: the default rule
  std::string name;           // "10", "default"; the route's label
  std::vector<std::vector<Pattern>> hosts;  // each inner list is one condition: any of its patterns
  std::vector<std::vector<Pattern>> paths;
  CompiledAction action;
  const CompiledWebAcl* web_acl{nullptr};  // its own, else the listener's; null: none
  observe::SeriesId series{observe::series_other};
};

/// What takes the place of an error.
struct ErrorPage {
  std::uint16_t error{0};
  std::uint16_t status{0};
  std::string path;
};

struct CompiledListener {
  std::uint32_t id{0};  // stable over reloads
  const config::Listener* config{nullptr};
  std::uint16_t port{0};  // as bound
  std::string port_text;
  bool default_port{false};  // 80 for HTTP, 443 for HTTPS
  filters::Chain filters;
  filters::IpSet trusted_proxies;
  std::vector<CompiledBehavior> behaviors;  // the first that matches; empty: nothing is cached
  bool keys_encoding{false};                // one of them tells responses apart by the codings that clients take
  std::vector<ErrorPage> error_pages;
  std::vector<CompiledRule> rules;  // by priority
  CompiledRule fallback;            // the default actions
  std::shared_ptr<const tls::ServerContext> tls;
  observe::SeriesId series{observe::series_other};
  observe::SeriesId refused_series{observe::series_other};  // requests that never got as far as a rule
};

struct Snapshot {
  config::Config config;
  std::uint64_t generation{0};
  bool access_log{false};
  bool waf_log{false};
  std::string waf_log_path;  // empty: none
  std::vector<std::unique_ptr<CompiledListener>> listeners;
  std::vector<const CompiledListener*> listeners_by_id;  // null where the id is not of this configuration
  std::vector<std::unique_ptr<CompiledGroup>> groups;
  std::vector<std::unique_ptr<cdn::ResponseHeadersPolicy>> response_headers;
  std::shared_ptr<const filters::GeoDatabase> geo;  // where clients are; null: no database is configured
  std::shared_ptr<filters::Collections> collections;  // what rules keep beyond a request; outlives reloads
  std::vector<std::unique_ptr<CompiledWebAcl>> web_acls;  // those that are not off
  std::vector<std::unique_ptr<CompiledCachePolicy>> cache_policies;  // one a behavior
  std::vector<std::unique_ptr<cdn::OriginRequestRules>> origin_requests;
  PublicKeys public_keys;
  std::vector<std::unique_ptr<const cdn::TrustedKeys>> trusted_keys;  // one a behavior that wants signatures
  std::shared_ptr<SharedCache> cache;  // null while no listener has behaviors; outlives reloads
  filters::IpSet purge_from;
  std::vector<region::RegionState*> regions;  // in order of proximity; owned by the region registry; may be empty

  /// The listener of that stable id, or null when this configuration has none.
  const CompiledListener* listener(std::uint32_t id) const noexcept {
    return id < listeners_by_id.size() ? listeners_by_id[id] : nullptr;
  }
};

}  // namespace gatehouse::proxy
