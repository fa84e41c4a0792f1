// /v1/target-groups: groups with their endpoints, and PATCH of one endpoint's weight and state. A change lasts until
// the process ends or is taken back with {"weight": null} or {"state": "active"}.
#include <boost/json.hpp>

#include "gateway/admin/body.hpp"
#include "gateway/admin/resources.hpp"
#include "gateway/admin/suggest.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

constexpr std::uint64_t weight_max = 255;  // as AWS's endpoint weights

const TargetGroupView* find(const std::vector<TargetGroupView>& groups, std::string_view name) {
  for (const TargetGroupView& group : groups) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

Answer no_group(const std::vector<TargetGroupView>& groups, const std::string& name) {
  std::vector<std::string> names;
  for (const TargetGroupView& group : groups) names.push_back(group.name);
  return problem(404, "there is no target group \"" + name + "\"" + did_you_mean(name, names));
}

Answer no_endpoint(const TargetGroupView& group, const std::string& address) {
  std::vector<std::string> addresses;
  for (const EndpointView& endpoint : group.endpoints) addresses.push_back(endpoint.address);
  return problem(404, "the target group \"" + group.name + "\" has no endpoint \"" + address + "\"" +
                          did_you_mean(address, addresses));
}

void read_weight(const json::value& value, EndpointChange& change, BodyErrors& errors) {
  if (value.is_null()) {
    change.clear_weight = true;
    return;
  }
  json::error_code error;
  const auto weight = value.to_number<std::uint64_t>(error);
  if (!value.is_number() || value.is_double() || error || weight > weight_max) {
    return errors.add("weight", "weight must be a whole number from 0 to 255, or null for the configured one");
  }
  change.weight = static_cast<std::uint32_t>(weight);
}

void read_state(const json::value& value, EndpointChange& change, BodyErrors& errors) {
  const bool draining = value.is_string() && value.get_string() == "draining";
  const bool active = value.is_string() && value.get_string() == "active";
  if (!draining && !active) return errors.add("state", "state must be \"draining\" or \"active\"");
  change.draining = draining;
}

}  // namespace

json::object to_json(const EndpointView& endpoint) {
  json::object out;
  out["address"] = endpoint.address;
  out["region"] = endpoint.region;
  out["zone"] = endpoint.zone;
  out["weight"] = endpoint.weight;
  out["configured_weight"] = endpoint.configured_weight;
  out["weight_override"] = endpoint.weight_override ? json::value(*endpoint.weight_override) : json::value(nullptr);
  out["state"] = endpoint.state;
  out["reason"] = endpoint.reason;
  out["healthy"] = endpoint.healthy;
  out["ejected"] = endpoint.ejected;
  out["draining"] = endpoint.draining;
  out["active"] = endpoint.active;
  out["requests"] = endpoint.requests;
  return out;
}

json::object to_json(const TargetGroupView& group) {
  json::object out;
  out["name"] = group.name;
  out["protocol"] = group.protocol;
  out["algorithm"] = group.algorithm;
  out["failing_open"] = group.failing_open;
  json::array endpoints;
  for (const EndpointView& endpoint : group.endpoints) endpoints.push_back(to_json(endpoint));
  out["endpoints"] = std::move(endpoints);
  return out;
}

void get_target_groups(const Call& call) {
  json::array groups;
  for (const TargetGroupView& group : call.control.target_groups()) groups.push_back(to_json(group));
  json::object document;
  document["target_groups"] = std::move(groups);
  call.done(json_answer(document));
}

void get_target_group(const Call& call) {
  const auto groups = call.control.target_groups();
  const TargetGroupView* const group = find(groups, call.path[0]);
  call.done(group == nullptr ? no_group(groups, call.path[0]) : json_answer(to_json(*group)));
}

void patch_endpoint(const Call& call) {
  const auto body = read_object(call.request, {"weight", "state"});
  if (!body) return call.done(body.error());
  EndpointChange change;
  BodyErrors errors;
  if (const json::value* const weight = body->if_contains("weight")) read_weight(*weight, change, errors);
  if (const json::value* const state = body->if_contains("state")) read_state(*state, change, errors);
  if (body->empty()) errors.add("", "nothing to change: give \"weight\", \"state\" or both");
  if (!errors.empty()) return call.done(errors.answer());

  const auto groups = call.control.target_groups();
  const TargetGroupView* const group = find(groups, call.path[0]);
  if (group == nullptr) return call.done(no_group(groups, call.path[0]));
  const auto changed = call.control.change_endpoint(call.path[0], call.path[1], change);
  call.done(changed ? json_answer(to_json(*changed)) : no_endpoint(*group, call.path[1]));
}

}  // namespace gatehouse::admin
