// Control: the process as the admin API sees it. The gateway implements it; tests do with a few lines. Plain values go
// out, decisions come in. Called on the control thread only, never concurrently.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::admin {

struct ListenerView {
  std::string name;
  std::string address;   // as bound, with the real port
  std::string protocol;  // HTTP, HTTPS
  std::uint64_t connections_active{0};
  std::uint64_t connections_total{0};
};

struct EndpointView {
  std::string address;
  std::string region;
  std::string zone;
  std::uint32_t weight{0};             // in force
  std::uint32_t configured_weight{0};
  std::optional<std::uint32_t> weight_override;  // set at run time
  std::string state;                   // initial, healthy, unhealthy, draining, unchecked
  std::string reason;                  // why it is not healthy; empty when it is
  bool healthy{false};                 // takes new requests as far as its health is concerned
  bool ejected{false};                 // by what real traffic saw
  bool draining{false};                // set at run time: no new requests
  std::uint64_t active{0};             // requests under way
  std::uint64_t requests{0};           // since the start
};

struct TargetGroupView {
  std::string name;
  std::string protocol;
  std::string algorithm;
  bool failing_open{false};  // no endpoint is healthy, so all are used
  std::vector<EndpointView> endpoints;
};

struct RegionView {
  std::string name;
  double traffic_dial{100};     // in force
  double configured_dial{100};
  std::optional<double> dial_override;  // set at run time
  std::uint32_t endpoints{0};
  std::uint32_t healthy_endpoints{0};
};

struct ReloadView {
  bool ok{true};
  std::uint64_t at{0};  // seconds since 1970
  std::string message;  // what was wrong
};

struct Status {
  std::string version;
  std::int64_t pid{0};
  std::uint64_t started_at{0};  // seconds since 1970
  std::uint64_t uptime_seconds{0};
  std::uint32_t workers{0};
  std::uint64_t generation{0};  // of the configuration: 1 at start, one more with each successful reload
  std::string config_file;
  std::uint64_t config_loaded_at{0};
  std::optional<ReloadView> last_reload;
  bool ready{true};
  bool draining{false};
  std::uint64_t requests_total{0};
  double requests_per_second{0};  // over the last seconds
  std::uint64_t connections_active{0};
  double duration_p50_seconds{0};  // of all requests since the start
  double duration_p99_seconds{0};
  std::uint64_t access_log_dropped{0};
  std::vector<ListenerView> listeners;
};

struct Readiness {
  bool ready{true};
  std::string reason;  // why not
};

/// What a reload did. Not ok: the old configuration stays in force.
struct ReloadResult {
  bool ok{true};
  std::uint64_t generation{0};
  std::vector<std::string> changes;  // one line each
  std::string problems_text;         // for people
  std::string problems_json;         // config::to_json(); empty when there were none
};

struct DrainResult {
  bool already{false};  // it was draining before
  std::uint64_t connections_active{0};
  std::uint64_t timeout_ms{0};
};

/// A change to one endpoint; what is not set stays as it is.
struct EndpointChange {
  std::optional<std::uint32_t> weight;  // 0-255
  bool clear_weight{false};             // back to the configured weight
  std::optional<bool> draining;
};

/// A change to one region's dial; without a value the configured one is in force again.
struct DialChange {
  std::optional<double> traffic_dial;  // 0-100
};

/// One thing to be purged. The URL or prefix is normalised, the host in lower case; `all` has no text.
struct CachePurge {
  std::string kind;  // url, prefix, host, tag, all
  std::string text;
};

struct CacheView {
  std::uint64_t objects{0};
  std::uint64_t bytes{0};
  std::uint64_t bytes_max{0};
  std::uint64_t hits{0};
  std::uint64_t misses{0};
  std::uint64_t inserted{0};
  std::uint64_t evicted{0};
  std::uint64_t refused{0};  // too large
};

class Control {
 public:
  virtual ~Control() = default;

  virtual Readiness readiness() = 0;
  virtual Status status() = 0;
  virtual std::vector<TargetGroupView> target_groups() = 0;
  virtual std::vector<RegionView> regions() = 0;
  /// The page for Prometheus.
  virtual std::string metrics_text() = 0;
  /// The effective configuration as JSON, without secrets.
  virtual std::string config_json() = 0;

  /// Nothing when there is no such region.
  virtual std::optional<RegionView> set_dial(std::string_view region, const DialChange& change) = 0;
  /// Nothing when there is no such endpoint in that group.
  virtual std::optional<EndpointView> change_endpoint(std::string_view group, std::string_view address,
                                                      const EndpointChange& change) = 0;
  /// Nothing when no listener has behaviors.
  virtual std::optional<CacheView> cache() = 0;
  /// Purges. `done` is called once, on the control thread, when nobody gets what was purged; false: there is no cache.
  /// `soft`: it becomes stale.
  virtual void purge(const std::vector<CachePurge>& what, bool soft, std::function<void(bool)> done) = 0;
  /// What is stored for a URL and why, as a JSON document; with `fields` (`Name: value`, null: none) also what a request with these
  /// gets. Nothing without a cache or for what is no URL.
  virtual std::optional<std::string> explain_cache(std::string_view url, const std::vector<std::string>* fields) = 0;
  /// Loads the configuration anew. `done` is called once, on the control thread, at once or later.
  virtual void reload(std::function<void(ReloadResult)> done) = 0;
  /// What SIGTERM does: takes no new connections, ends when what is under way has ended.
  virtual DrainResult drain() = 0;
};

}  // namespace gatehouse::admin
