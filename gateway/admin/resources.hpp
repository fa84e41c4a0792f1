// The handlers behind the table in api.cpp, one file a resource, and the JSON forms of views that several use.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "gateway/admin/control.hpp"
#include "gateway/admin/message.hpp"

namespace gatehouse::admin {

/// One request on its way through a handler. `path` holds what stood for the {names} of the pattern, decoded.
struct Call {
  const Request& request;
  const std::vector<std::string>& path;
  Control& control;
  const Respond& done;
};

void get_health(const Call& call);         // /healthz
void get_readiness(const Call& call);      // /readyz
void get_metrics(const Call& call);        // /metrics
void get_status(const Call& call);         // /v1/status
void get_config(const Call& call);         // /v1/config
void get_target_groups(const Call& call);  // /v1/target-groups
void get_target_group(const Call& call);   // /v1/target-groups/{group}
void patch_endpoint(const Call& call);     // /v1/target-groups/{group}/endpoints/{address}
void get_regions(const Call& call);        // /v1/regions
void get_region(const Call& call);         // /v1/regions/{name}
void patch_region(const Call& call);       // /v1/regions/{name}
void get_cache(const Call& call);          // /v1/cache
void get_cached_url(const Call& call);     // /v1/cache/objects/{url}
void post_explain(const Call& call);       // /v1/cache/explain
void post_purge(const Call& call);         // /v1/cache/purge
void post_reload(const Call& call);        // /v1/reload
void post_drain(const Call& call);         // /v1/drain

boost::json::object to_json(const EndpointView& endpoint);
boost::json::object to_json(const TargetGroupView& group);
boost::json::object to_json(const RegionView& region);

/// 200 with a JSON document.
Answer json_answer(const boost::json::object& document);

}  // namespace gatehouse::admin
