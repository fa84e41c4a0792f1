// /v1/regions: regions with their traffic dials, and PATCH of one dial. A change lasts until the process ends or is
// taken back with {"traffic_dial": null}.
#include <boost/json.hpp>

#include "gateway/admin/body.hpp"
#include "gateway/admin/resources.hpp"
#include "gateway/admin/suggest.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

Answer no_region(const std::vector<RegionView>& regions, const std::string& name) {
  std::vector<std::string> names;
  for (const RegionView& region : regions) names.push_back(region.name);
  return problem(404, "there is no region \"" + name + "\"" + did_you_mean(name, names));
}

}  // namespace

json::object to_json(const RegionView& region) {
  json::object out;
  out["name"] = region.name;
  out["traffic_dial"] = region.traffic_dial;
  out["configured_dial"] = region.configured_dial;
  out["dial_override"] = region.dial_override ? json::value(*region.dial_override) : json::value(nullptr);
  out["endpoints"] = region.endpoints;
  out["healthy_endpoints"] = region.healthy_endpoints;
  return out;
}

void get_regions(const Call& call) {
  json::array regions;
  for (const RegionView& region : call.control.regions()) regions.push_back(to_json(region));
  json::object document;
  document["regions"] = std::move(regions);
  call.done(json_answer(document));
}

void get_region(const Call& call) {
  const auto regions = call.control.regions();
  for (const RegionView& region : regions) {
    if (region.name == call.path[0]) return call.done(json_answer(to_json(region)));
  }
  call.done(no_region(regions, call.path[0]));
}

void patch_region(const Call& call) {
  const auto body = read_object(call.request, {"traffic_dial"});
  if (!body) return call.done(body.error());
  BodyErrors errors;
  DialChange change;
  const json::value* const dial = body->if_contains("traffic_dial");
  if (dial == nullptr) {
    errors.add("", "nothing to change: give \"traffic_dial\"");
  } else if (!dial->is_null()) {
    change.traffic_dial = dial->is_number() ? dial->to_number<double>() : -1;
    // Written so that a NaN, which JSON cannot even say, would be refused too.
    if (!(*change.traffic_dial >= 0 && *change.traffic_dial <= 100)) {
      errors.add("traffic_dial", "traffic_dial must be a number from 0 to 100, or null for the configured one");
    }
  }
  if (!errors.empty()) return call.done(errors.answer());
  const auto changed = call.control.set_dial(call.path[0], change);
  call.done(changed ? json_answer(to_json(*changed)) : no_region(call.control.regions(), call.path[0]));
}

}  // namespace gatehouse::admin
