// The cache's part of GatewayControl.
#include <boost/json.hpp>

#include "gateway/admin/gateway_control.hpp"
#include "gateway/observe/prometheus.hpp"
#include "gateway/proxy/cache_view.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

cache::PurgeKind kind_of(std::string_view name) {
  if (name == "url") return cache::PurgeKind::url;
  if (name == "prefix") return cache::PurgeKind::prefix;
  if (name == "host") return cache::PurgeKind::host;
  if (name == "path") return cache::PurgeKind::path;
  if (name == "path_start") return cache::PurgeKind::path_start;
  return name == "tag" ? cache::PurgeKind::tag : cache::PurgeKind::all;
}

json::array to_json(const std::vector<proxy::KeyedPart>& keyed) {
  json::array out;
  for (const proxy::KeyedPart& part : keyed) {
    json::object& entry = out.emplace_back(json::object()).get_object();
    entry["kind"] = part.kind;
    if (!part.name.empty()) entry["name"] = part.name;
    entry["value"] = part.value ? json::value(*part.value) : json::value(nullptr);
  }
  return out;
}

json::object to_json(const proxy::AskedView& request) {
  json::object out;
  out["listener"] = request.listener;
  out["behavior"] = request.behavior;
  out["cache_policy"] = request.policy;
  out["key"] = to_json(request.keyed);
  out["result"] = request.result;
  out["why"] = request.why;
  out["object"] = request.object ? json::value(*request.object) : json::value(nullptr);
  return out;
}

json::object to_json(const proxy::StoredView& object) {
  json::object out;
  out["listener"] = object.listener;
  out["url"] = object.url;
  out["status"] = object.status;
  out["complete"] = object.complete;
  out["length"] = object.length;
  out["state"] = object.state;
  out["stored_at"] = object.stored_at_ms / 1000;
  out["age"] = object.age_s;
  out["lifetime"] = object.lifetime_s;
  out["lifetime_from"] = object.lifetime_from;
  out["ttl"] = object.ttl_s;
  out["stale_while_revalidate"] = object.stale_while_revalidate_s;
  out["stale_if_error"] = object.stale_if_error_s;
  out["must_revalidate"] = object.must_revalidate;
  out["vary"] = object.vary;
  out["selector"] = object.selector;
  out["tags"] = object.tags;
  out["key"] = to_json(object.keyed);
  return out;
}

}  // namespace

std::optional<CacheView> GatewayControl::cache() {
  const auto& shared = gateway_.snapshot().cache;
  if (shared == nullptr) return std::nullopt;
  const cache::StoreStats stats = shared->store.stats();
  CacheView view;
  view.objects = stats.objects;
  view.bytes = stats.bytes;
  view.bytes_max = gateway_.snapshot().config.cache.memory;
  view.hits = stats.hits;
  view.misses = stats.misses;
  view.inserted = stats.inserted;
  view.evicted = stats.evicted;
  view.refused = stats.refused;
  return view;
}

void GatewayControl::purge(const std::vector<CachePurge>& what, bool soft, std::function<void(bool)> done) {
  if (gateway_.snapshot().cache == nullptr) return done(false);
  std::vector<proxy::Gateway::Purge> purges;
  for (const CachePurge& purge : what) {
    const cache::PurgeKind kind = kind_of(purge.kind);
    purges.push_back({kind, kind == cache::PurgeKind::tag ? proxy::tag_name(purge.text) : purge.text});
  }
  gateway_.purge(std::move(purges), soft ? cache::PurgeMode::soft : cache::PurgeMode::hard, [done = std::move(done)] { done(true); });
}

std::optional<std::string> GatewayControl::explain_cache(std::string_view url, const std::vector<std::string>* fields) {
  const auto explanation = proxy::explain_url(gateway_.snapshot(), {url, fields}, wall_ms());
  if (!explanation) return std::nullopt;
  json::object document;
  document["url"] = explanation->url;
  json::array& objects = document["objects"].emplace_array();
  for (const proxy::StoredView& object : explanation->objects) objects.push_back(to_json(object));
  if (fields != nullptr) {
    json::array& requests = document["requests"].emplace_array();
    for (const proxy::AskedView& request : explanation->requests) requests.push_back(to_json(request));
  }
  document["not_stored"] = json::array(explanation->why_not.begin(), explanation->why_not.end());
  return json::serialize(document);
}

namespace {

void collect_compression(const cdn::CompressionRoom& compression, observe::PrometheusText& out) {
  using Done = cdn::CompressionRoom::Done;
  const auto each = [&](std::string_view name, std::string_view help, std::uint64_t Done::* what) {
    out.family(name, help, observe::MetricType::counter);
    for (const cdn::Coding coding : {cdn::Coding::gzip, cdn::Coding::br, cdn::Coding::zstd}) {
      out.sample({{"coding", cdn::coding_name(coding)}}, compression.counts(coding).*what);
    }
  };
  each("gatehouse_cache_compressed_responses_total", "Responses that were compressed before they were stored.", &Done::responses);
  each("gatehouse_cache_compressed_plain_bytes_total", "Their content as it came.", &Done::plain_bytes);
  each("gatehouse_cache_compressed_bytes_total", "Their content as it is stored.", &Done::compressed_bytes);
  out.family("gatehouse_cache_compression_skipped_total", "Responses stored as they came since too many were being compressed.",
             observe::MetricType::counter);
  out.sample({}, compression.skipped());
}

}  // namespace

void GatewayControl::collect_cache(observe::PrometheusText& out) const {
  const auto& shared = gateway_.snapshot().cache;
  if (shared == nullptr) return;
  const cache::StoreStats stats = shared->store.stats();
  const auto one = [&out](std::string_view name, std::string_view help, observe::MetricType type, std::uint64_t value) {
    out.family(name, help, type);
    out.sample({}, value);
  };
  using observe::MetricType;
  one("gatehouse_cache_objects", "Responses stored.", MetricType::gauge, stats.objects);
  one("gatehouse_cache_bytes", "Memory of stored responses, everything that belongs to them included.", MetricType::gauge, stats.bytes);
  one("gatehouse_cache_bytes_max", "What they may take.", MetricType::gauge, gateway_.snapshot().config.cache.memory);
  one("gatehouse_cache_fills_total", "Responses that were stored.", MetricType::counter, stats.inserted);
  one("gatehouse_cache_evictions_total", "Stored responses that had to make room.", MetricType::counter, stats.evicted);
  one("gatehouse_cache_refused_total", "Responses that were too large to be stored.", MetricType::counter, stats.refused);
  collect_compression(shared->compression, out);
  if (!shared->disk) return;
  const cache::DiskStats disk = shared->disk->stats();
  one("gatehouse_cache_disk_objects", "Responses stored on disk.", MetricType::gauge, disk.objects);
  one("gatehouse_cache_disk_index_bytes", "Memory of the disk tier's index.", MetricType::gauge, disk.index_bytes);
  one("gatehouse_cache_disk_hits_total", "Responses that were found on disk.", MetricType::counter, disk.hits);
  one("gatehouse_cache_disk_misses_total", "Lookups on disk that found nothing.", MetricType::counter, disk.misses);
  one("gatehouse_cache_disk_damaged_total", "Responses on disk that were not as written, and count as not there.", MetricType::counter, disk.damaged);
  one("gatehouse_cache_disk_left_out_total", "Responses that were not written, since too much waited or they were too large.", MetricType::counter, disk.left_out);
}

}  // namespace gatehouse::admin
