// GatewayControl: the admin API's view of a running Gateway. Control thread.
#pragma once

#include <chrono>
#include <functional>

#include "gateway/admin/control.hpp"
#include "gateway/observe/exposition.hpp"
#include "gateway/proxy/gateway.hpp"

namespace gatehouse::admin {

class GatewayControl final : public Control {
 public:
  /// `reload` loads and applies the configuration and says in the end what came of it; `drain` does what SIGTERM does.
  using Reload = std::function<void(std::function<void(ReloadResult)> done)>;
  GatewayControl(proxy::Gateway& gateway, std::string config_file, Reload reload, std::function<void()> drain);

  /// Told of every reload, whoever asked for it.
  void reloaded(const ReloadResult& result);

  Readiness readiness() override;
  Status status() override;
  std::vector<TargetGroupView> target_groups() override;
  std::vector<RegionView> regions() override;
  std::string metrics_text() override;
  std::string config_json() override;
  std::optional<RegionView> set_dial(std::string_view region, const DialChange& change) override;
  std::optional<EndpointView> change_endpoint(std::string_view group, std::string_view address, const EndpointChange& change) override;
  std::optional<CacheView> cache() override;
  void purge(const std::vector<CachePurge>& what, bool soft, std::function<void(bool)> done) override;
  std::optional<std::string> explain_cache(std::string_view url, const std::vector<std::string>* fields) override;
  void reload(std::function<void(ReloadResult)> done) override;
  DrainResult drain() override;

 private:
  EndpointView view(const upstream::EndpointState& endpoint, std::uint64_t now_ms) const;
  RegionView view(const region::RegionState& region) const;
  void collect(observe::PrometheusText& out) const;
  void collect_cache(observe::PrometheusText& out) const;
  double requests_per_second(std::uint64_t total);

  proxy::Gateway& gateway_;
  std::string config_file_;
  Reload reload_;
  std::function<void()> drain_;
  observe::Exposition exposition_;
  std::uint64_t started_at_;
  std::chrono::steady_clock::time_point started_;
  std::uint64_t config_loaded_at_;
  std::optional<ReloadView> last_reload_;
  std::uint64_t reloads_ok_{0};
  std::uint64_t reloads_failed_{0};
  std::uint64_t rate_total_{0};
  std::chrono::steady_clock::time_point rate_since_;
  double rate_{0};
};

}  // namespace gatehouse::admin
