// /v1/status: all of it in one document: the process, its configuration, listeners, target groups and regions, with
// what was changed at run time. `gatehouse status` is made from this alone.
#include <boost/json.hpp>

#include "gateway/admin/json_write.hpp"
#include "gateway/admin/resources.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

json::object to_json(const ListenerView& listener) {
  json::object out;
  out["name"] = listener.name;
  out["address"] = listener.address;
  out["protocol"] = listener.protocol;
  out["connections_active"] = listener.connections_active;
  out["connections_total"] = listener.connections_total;
  return out;
}

json::object to_json(const ReloadView& reload) {
  json::object out;
  out["ok"] = reload.ok;
  out["at"] = reload.at;
  out["message"] = reload.message;
  return out;
}

json::object describe_process(const Status& status) {
  json::object out;
  out["version"] = status.version;
  out["pid"] = status.pid;
  out["started_at"] = status.started_at;
  out["uptime_seconds"] = status.uptime_seconds;
  out["workers"] = status.workers;
  out["ready"] = status.ready;
  out["draining"] = status.draining;
  out["generation"] = status.generation;
  out["config_file"] = status.config_file;
  out["config_loaded_at"] = status.config_loaded_at;
  out["last_reload"] = status.last_reload ? json::value(to_json(*status.last_reload)) : json::value(nullptr);
  out["requests_total"] = status.requests_total;
  out["requests_per_second"] = status.requests_per_second;
  out["connections_active"] = status.connections_active;
  out["duration_p50_seconds"] = status.duration_p50_seconds;
  out["duration_p99_seconds"] = status.duration_p99_seconds;
  out["access_log_dropped"] = status.access_log_dropped;
  return out;
}

}  // namespace

Answer json_answer(const json::object& document) {
  Answer answer;
  answer.body = write_json(document);
  return answer;
}

void get_status(const Call& call) {
  const Status status = call.control.status();
  json::object document = describe_process(status);
  json::array listeners;
  for (const ListenerView& listener : status.listeners) listeners.push_back(to_json(listener));
  json::array groups;
  for (const TargetGroupView& group : call.control.target_groups()) groups.push_back(to_json(group));
  json::array regions;
  for (const RegionView& region : call.control.regions()) regions.push_back(to_json(region));
  document["listeners"] = std::move(listeners);
  document["target_groups"] = std::move(groups);
  document["regions"] = std::move(regions);
  call.done(json_answer(document));
}

}  // namespace gatehouse::admin
