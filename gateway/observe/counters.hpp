// What a worker counts, and where: one WorkerMetrics per worker, written by that worker's thread alone, read by the
// control thread at any time. A series is a block of counters for one set of labels, addressed by a dense id that the
// MetricsRegistry handed out when the configuration was compiled; finding it is two loads. Id 0 of every family is the
// series "other", where everything beyond the family's cap is counted.
//
//   metrics.route(route.metrics_id).finished(status, duration_ns, bytes_in, bytes_out);
//   metrics.endpoint(endpoint.metrics_id).answered(status, head_ns - sent_ns);
//
// Tables grow while workers run: the registry publishes a new chunk before it hands out an id inside it, and chunks
// never move.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/observe/counter.hpp"
#include "gateway/observe/histogram.hpp"
#include "gateway/observe/status_codes.hpp"

namespace gatehouse::observe {

using SeriesId = std::uint32_t;
inline constexpr SeriesId series_other = 0;

inline constexpr unsigned fault_sides = 3;        // exchange::Side
inline constexpr unsigned fault_reasons_max = 128;  // exchange::Errc
inline constexpr unsigned region_reasons_max = 8;   // region::Reason

/// Why a connection was closed at accept.
enum class Rejection : std::uint8_t { connection_limit, client_limit, draining, out_of_memory };
inline constexpr unsigned rejections = 4;

enum class HandshakeResult : std::uint8_t { ok, failed, timeout };
enum class TlsVersion : std::uint8_t { unknown, tls_1_2, tls_1_3 };
inline constexpr unsigned handshake_results = 3;
inline constexpr unsigned tls_versions = 3;

/// One listener: {listener}. Connections under way are accepted - closed.
class alignas(64) ListenerSeries {
 public:
  Counter accepted;
  Counter closed;

  void rejected(Rejection why) noexcept { rejected_[static_cast<unsigned>(why)].add(); }
  void handshake(HandshakeResult result, TlsVersion version, bool resumed) noexcept {
    handshakes_[handshake_slot(result, version, resumed)].add();
  }

  std::uint64_t rejected_count(Rejection why) const noexcept { return rejected_[static_cast<unsigned>(why)].value(); }
  std::uint64_t handshake_count(HandshakeResult result, TlsVersion version, bool resumed) const noexcept {
    return handshakes_[handshake_slot(result, version, resumed)].value();
  }

 private:
  static unsigned handshake_slot(HandshakeResult result, TlsVersion version, bool resumed) noexcept {
    return (static_cast<unsigned>(result) * tls_versions + static_cast<unsigned>(version)) * 2 + (resumed ? 1 : 0);
  }

  std::array<Counter, rejections> rejected_;
  std::array<Counter, handshake_results * tls_versions * 2> handshakes_;
};

inline constexpr unsigned cache_results_max = 12;  // proxy::CacheResult

/// Faults by side and reason. 3 KB, so a route has one only once it had a fault.
struct FaultTable {
  std::array<std::array<Counter, fault_reasons_max>, fault_sides> counts;
};

/// One rule of one listener: {listener, route}.
class alignas(64) RouteSeries {
 public:
  RouteSeries() = default;
  RouteSeries(const RouteSeries&) = delete;
  RouteSeries& operator=(const RouteSeries&) = delete;
  ~RouteSeries() { delete faults_.load(std::memory_order_relaxed); }

  StatusCounters requests;
  Counter bytes_in;   // from clients
  Counter bytes_out;  // to clients
  Histogram duration;
  std::array<Counter, cache_results_max> cache;  // by what the cache did; 0: it was not asked
  Counter bytes_cached;                          // sent to clients without asking an origin

  /// An exchange ended. Status 0: the client left before a reply was begun.
  void finished(unsigned status, std::uint64_t duration_ns, std::uint64_t in, std::uint64_t out) noexcept {
    requests.count(status);
    bytes_in.add(in);
    bytes_out.add(out);
    duration.record(duration_ns);
  }
  /// Its reason, when it did not end well. The first one allocates the table.
  void fault(unsigned side, unsigned reason) noexcept;

  /// Null while there was none. Any thread.
  const FaultTable* faults() const noexcept { return faults_.load(std::memory_order_acquire); }

 private:
  std::atomic<FaultTable*> faults_{nullptr};
};

/// One endpoint: {target_group, endpoint, region, zone}.
class alignas(64) EndpointSeries {
 public:
  StatusCounters requests;  // by the origin's status
  Histogram response;       // from the request's last byte sent to the response's head
  Counter connects;         // connections made
  Counter connect_failures;
  Counter reused;           // requests that took a pooled connection
  Counter retries;          // requests that came here because another attempt failed
  Counter failures;         // attempts that ended without a response head
  Counter bytes_sent;
  Counter bytes_received;
  Gauge active;             // requests under way

  void answered(unsigned status, std::uint64_t response_ns) noexcept {
    requests.count(status);
    response.record(response_ns);
  }
};

/// What region a connection got: {target_group, region}, by the reason of the choice.
class alignas(64) RegionSeries {
 public:
  void chosen(unsigned reason) noexcept { reasons_[reason < region_reasons_max ? reason : region_reasons_max - 1].add(); }
  std::uint64_t count(unsigned reason) const noexcept { return reasons_[reason].value(); }

 private:
  std::array<Counter, region_reasons_max> reasons_;
};

/// What became of requests under one web ACL: {web_acl}.
enum class WafAction : std::uint8_t { pass, detect, block };
inline constexpr unsigned waf_actions = 3;
class alignas(64) WebAclSeries {
 public:
  void inspected(WafAction action) noexcept { actions_[static_cast<unsigned>(action)].add(); }
  std::uint64_t count(WafAction action) const noexcept { return actions_[static_cast<unsigned>(action)].value(); }

 private:
  std::array<Counter, waf_actions> actions_;
};

/// Matches of one rule of a web ACL: {web_acl, rule}. Packed: there are hundreds of them and few ever count.
struct WafRuleSeries {
  Counter matches;
};

/// A family's series of one worker, in chunks that never move. grow() on the control thread, at() on the worker's,
/// find() on any.
template <class Series>
class SeriesTable {
 public:
  static constexpr unsigned chunk_size = 16;
  static constexpr unsigned chunks_max = 256;
  static constexpr unsigned series_max = chunk_size * chunks_max;

  SeriesTable() = default;
  SeriesTable(const SeriesTable&) = delete;
  SeriesTable& operator=(const SeriesTable&) = delete;
  ~SeriesTable() {
    for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
  }

  /// The series of an id that the registry gave.
  Series& at(SeriesId id) noexcept {
    return chunks_[id / chunk_size % chunks_max].load(std::memory_order_acquire)[id % chunk_size];
  }
  const Series& at(SeriesId id) const noexcept { return const_cast<SeriesTable*>(this)->at(id); }

  /// Makes room for an id. Before the id is given away.
  void grow(SeriesId id) {
    auto& chunk = chunks_[id / chunk_size];
    if (chunk.load(std::memory_order_relaxed) == nullptr) chunk.store(new Series[chunk_size], std::memory_order_release);
  }

 private:
  std::array<std::atomic<Series*>, chunks_max> chunks_{};
};

class WorkerMetrics {
 public:
  ListenerSeries& listener(SeriesId id) noexcept { return listeners.at(id); }
  RouteSeries& route(SeriesId id) noexcept { return routes.at(id); }
  EndpointSeries& endpoint(SeriesId id) noexcept { return endpoints.at(id); }
  RegionSeries& region(SeriesId id) noexcept { return regions.at(id); }
  WebAclSeries& web_acl(SeriesId id) noexcept { return web_acls.at(id); }
  WafRuleSeries& waf_rule(SeriesId id) noexcept { return waf_rules.at(id); }

  // For the registry.
  SeriesTable<ListenerSeries> listeners;
  SeriesTable<RouteSeries> routes;
  SeriesTable<EndpointSeries> endpoints;
  SeriesTable<RegionSeries> regions;
  SeriesTable<WebAclSeries> web_acls;
  SeriesTable<WafRuleSeries> waf_rules;
};

}  // namespace gatehouse::observe
