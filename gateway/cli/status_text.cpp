#include "gateway/cli/status_text.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "gateway/cli/table.hpp"

namespace gatehouse::cli {
namespace {

namespace json = boost::json;

/// Members of an object by name, with something harmless where there is none.
class View {
 public:
  explicit View(const json::value& value) : object_(value.if_object()) {}

  const json::value* find(std::string_view name) const {
    const json::value* const member = object_ == nullptr ? nullptr : object_->if_contains(name);
    return member == nullptr || member->is_null() ? nullptr : member;
  }
  std::string text(std::string_view name) const {
    const json::value* const member = find(name);
    return member != nullptr && member->is_string() ? cell(std::string_view(member->get_string())) : cell("");
  }
  std::optional<double> maybe_number(std::string_view name) const {
    const json::value* const member = find(name);
    if (member == nullptr || !member->is_number()) return std::nullopt;
    return member->to_number<double>();
  }
  double number(std::string_view name) const { return maybe_number(name).value_or(0); }
  std::uint64_t count(std::string_view name) const {
    const double value = number(name);
    return value > 0 ? static_cast<std::uint64_t>(value) : 0;
  }
  bool flag(std::string_view name) const {
    const json::value* const member = find(name);
    return member != nullptr && member->is_bool() && member->get_bool();
  }
  /// The elements of a list, none when there is no list.
  const json::array& list(std::string_view name) const {
    static const json::array none;
    const json::value* const member = find(name);
    return member != nullptr && member->is_array() ? member->get_array() : none;
  }

 private:
  const json::object* object_;
};

std::string process_text(const View& status) {
  const std::string state = status.flag("draining") ? "draining" : status.flag("ready") ? "serving" : "not ready";
  std::string out = fmt::format("gatehouse {}  {}  up {}  pid {}  {} workers\n", status.text("version"), state,
                                duration_text(status.count("uptime_seconds")), status.count("pid"),
                                status.count("workers"));
  out += fmt::format("configuration  {}  generation {}  loaded {}\n", status.text("config_file"),
                     status.count("generation"), time_text(status.count("config_loaded_at")));
  if (const json::value* const value = status.find("last_reload")) {
    const View reload(*value);
    out += fmt::format("last reload    {} {}{}\n", reload.flag("ok") ? "ok" : "FAILED", time_text(reload.count("at")),
                       reload.flag("ok") ? "" : ": " + reload.text("message"));
  }
  out += fmt::format("traffic        {:.1f} requests/s  {} requests  {} connections  p50 {}  p99 {}\n",
                     status.number("requests_per_second"), status.count("requests_total"),
                     status.count("connections_active"), latency_text(status.number("duration_p50_seconds")),
                     latency_text(status.number("duration_p99_seconds")));
  if (const std::uint64_t dropped = status.count("access_log_dropped"); dropped != 0) {
    out += fmt::format("access log     {} lines dropped\n", dropped);
  }
  return out;
}

std::string listeners_text(const json::array& listeners) {
  if (listeners.empty()) return "";
  Table table({"LISTENER", "ADDRESS", "PROTOCOL", "CONNECTIONS", "SINCE START"});
  for (const json::value& value : listeners) {
    const View listener(value);
    table.add({listener.text("name"), listener.text("address"), listener.text("protocol"),
               std::to_string(listener.count("connections_active")), std::to_string(listener.count("connections_total"))});
  }
  return "\n" + table.text();
}

std::string health_text(const View& endpoint) {
  std::string out = endpoint.text("state");
  if (endpoint.flag("ejected")) out += ", ejected";
  if (endpoint.flag("draining") && out != "draining") out += ", draining";
  if (endpoint.find("reason") != nullptr && endpoint.text("reason") != "-") out += ": " + endpoint.text("reason");
  return out;
}

/// The value in force, and what it hides when it was set at run time.
std::string with_override(double in_force, const std::optional<double>& override_value, double configured) {
  if (!override_value) return number_text(in_force);
  return fmt::format("{} (set at run time, configured {})", number_text(in_force), number_text(configured));
}

std::string group_text(const View& group) {
  const json::array& endpoints = group.list("endpoints");
  std::size_t healthy = 0;
  for (const json::value& endpoint : endpoints) healthy += View(endpoint).flag("healthy") ? 1 : 0;
  std::string out = fmt::format("\nTARGET GROUP {}  {}  {}  {} of {} healthy{}\n", group.text("name"),
                                group.text("protocol"), group.text("algorithm"), healthy, endpoints.size(),
                                group.flag("failing_open") ? "  FAILING OPEN: none is healthy, so all are used" : "");
  if (endpoints.empty()) return out;
  Table table({"ENDPOINT", "REGION", "ZONE", "ACTIVE", "REQUESTS", "WEIGHT", "HEALTH"});
  for (const json::value& value : endpoints) {
    const View endpoint(value);
    table.add({endpoint.text("address"), endpoint.text("region"), endpoint.text("zone"),
               std::to_string(endpoint.count("active")), std::to_string(endpoint.count("requests")),
               with_override(endpoint.number("weight"), endpoint.maybe_number("weight_override"),
                             endpoint.number("configured_weight")),
               health_text(endpoint)});
  }
  return out + table.text("  ");
}

std::string regions_text(const json::array& regions) {
  if (regions.empty()) return "";
  Table table({"REGION", "ENDPOINTS", "TRAFFIC DIAL"});
  for (const json::value& value : regions) {
    const View region(value);
    table.add({region.text("name"),
               fmt::format("{} of {} healthy", region.count("healthy_endpoints"), region.count("endpoints")),
               with_override(region.number("traffic_dial"), region.maybe_number("dial_override"),
                             region.number("configured_dial"))});
  }
  return "\n" + table.text();
}

}  // namespace

std::string status_text(const json::value& document) {
  const View status(document);
  std::string out = process_text(status) + listeners_text(status.list("listeners"));
  for (const json::value& group : status.list("target_groups")) out += group_text(View(group));
  return out + regions_text(status.list("regions"));
}

}  // namespace gatehouse::cli
