// EndpointState: one endpoint of one target group as the running process knows it: health, weight, ejection, resolved
// addresses, load. Shared by all workers and by the configurations that name it, so it lives across reloads; the
// EndpointRegistry makes and keeps it. Everything that changes is an atomic: the control thread writes (health,
// addresses, weights), workers read, count and report failures. What a pick reads stands in one cache line that only
// rare events write.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/upstream/address_set.hpp"
#include "gateway/upstream/health_track.hpp"
#include "gateway/upstream/outlier.hpp"

namespace gatehouse::upstream {

/// What an endpoint is; never changes. Group and address are its key.
struct EndpointIdentity {
  std::string group;
  std::string address;  // host:port, as configured
  std::string region;   // name; empty when the configuration has no regions
  std::string zone;
  bool operator==(const EndpointIdentity&) const = default;
};

/// What the probes found, as published.
struct HealthReport {
  Health health{Health::initial};
  HealthReason reason{HealthReason::registration_in_progress};
  std::uint16_t status{0};  // of the last probe's response; 0 without one
};

class EndpointState : public OutlierRecord {
 public:
  EndpointState(std::uint32_t id, EndpointIdentity identity, std::uint32_t weight);
  EndpointState(const EndpointState&) = delete;
  EndpointState& operator=(const EndpointState&) = delete;

  // Who it is.
  /// Dense number, for per-worker tables. No other endpoint has it while this one exists.
  std::uint32_t id() const noexcept { return id_; }
  const std::string& group() const noexcept { return identity_.group; }
  const std::string& address_text() const noexcept { return identity_.address; }
  const std::string& region() const noexcept { return identity_.region; }
  const std::string& zone() const noexcept { return identity_.zone; }
  const EndpointIdentity& identity() const noexcept { return identity_; }
  /// The host of the address: a name (for SNI and verification) or an IP address without brackets.
  const std::string& host() const noexcept { return host_; }
  std::uint16_t port() const noexcept { return port_; }
  /// Whether the host is a name that has to be resolved.
  bool named() const noexcept { return named_; }

  // What a pick asks. Any thread; relaxed loads.
  /// Its weight now, or 0 while it is draining, unhealthy or not resolved. Ejection is asked apart.
  std::uint32_t serving_weight() const noexcept {
    const std::uint32_t word = word_.load(std::memory_order_relaxed);
    return word <= weight_mask ? word : 0;
  }
  bool usable(std::uint64_t now_ms) const noexcept { return serving_weight() != 0 && !ejected(now_ms); }
  /// Whether it counts as registered: not draining.
  bool registered() const noexcept { return (word_.load(std::memory_order_relaxed) & draining_flag) == 0; }
  bool draining() const noexcept { return !registered(); }
  bool resolved() const noexcept { return (word_.load(std::memory_order_relaxed) & unresolved_flag) == 0; }
  /// The weight in force, whatever its health.
  std::uint32_t weight() const noexcept { return word_.load(std::memory_order_relaxed) & weight_mask; }

  // Where to connect to.
  /// The next of its addresses in turn; no address while there is none. Any thread.
  net::Address pick_address() noexcept { return addresses_.at(turn_.fetch_add(1, std::memory_order_relaxed)); }
  const AddressSet& addresses() const noexcept { return addresses_; }

  // Changes by the control thread.
  /// Publishes what its name resolves to now: the IPv4 addresses, or the IPv6 ones where there are no others. An empty
  /// list is not taken: the last addresses stay.
  void set_addresses(std::span<const net::Address> addresses);
  void set_health(HealthReport report) noexcept;
  HealthReport health_report() const noexcept;
  Health health() const noexcept { return health_report().health; }

  // Weight and draining as an operator changed them at run time: stay over reloads, not over restarts.
  std::uint32_t configured_weight() const noexcept { return configured_weight_.load(std::memory_order_relaxed); }
  bool weight_overridden() const noexcept { return overridden_.load(std::memory_order_relaxed); }
  void override_weight(std::uint32_t weight) noexcept;
  void reset_weight() noexcept;
  void set_draining(bool draining) noexcept;
  /// The configuration in force does not name it any more. Exchanges that began under an older one still use it.
  void set_retired(bool retired) noexcept { retired_.store(retired, std::memory_order_relaxed); }
  bool retired() const noexcept { return retired_.load(std::memory_order_relaxed); }

  /// The series its requests are counted in; 0 ("other") until it is told.
  std::uint32_t series() const noexcept { return series_.load(std::memory_order_relaxed); }
  void set_series(std::uint32_t series) noexcept { series_.store(series, std::memory_order_relaxed); }

  // Load.
  std::uint32_t active_requests() const noexcept { return active_.load(std::memory_order_relaxed); }
  std::uint32_t open_connections() const noexcept { return connections_.load(std::memory_order_acquire); }

 private:
  friend class EndpointRegistry;
  friend class ActiveRequest;
  friend class OpenConnection;

  // The word a pick reads: the weight in force, and above it what keeps traffic away.
  static constexpr std::uint32_t weight_mask = 0xff;
  static constexpr std::uint32_t draining_flag = 1u << 8;
  static constexpr std::uint32_t unhealthy_flag = 1u << 9;
  static constexpr std::uint32_t unresolved_flag = 1u << 10;

  void configure_weight(std::uint32_t weight) noexcept;
  void put_weight(std::uint32_t weight) noexcept;
  void flag(std::uint32_t which, bool on) noexcept;

  std::atomic<std::uint32_t> word_;
  std::atomic<std::uint32_t> series_{0};
  const std::uint32_t id_;
  std::atomic<std::uint32_t> health_;  // HealthReport, packed
  std::atomic<std::uint32_t> configured_weight_;
  std::atomic<bool> overridden_{false};
  std::atomic<bool> retired_{false};
  bool named_{false};
  std::uint16_t port_{0};
  EndpointIdentity identity_;
  std::string host_;
  AddressSet addresses_;
  // Written with every request: kept away from what every pick reads.
  alignas(64) std::atomic<std::uint32_t> active_{0};
  std::atomic<std::uint32_t> connections_{0};
  std::atomic<std::uint32_t> turn_{0};
};

/// Counts a request as under way at the endpoint while it lives.
class ActiveRequest {
 public:
  explicit ActiveRequest(EndpointState& endpoint) noexcept : endpoint_(endpoint) {
    endpoint_.active_.fetch_add(1, std::memory_order_relaxed);
  }
  ~ActiveRequest() { endpoint_.active_.fetch_sub(1, std::memory_order_relaxed); }
  ActiveRequest(const ActiveRequest&) = delete;
  ActiveRequest& operator=(const ActiveRequest&) = delete;

 private:
  EndpointState& endpoint_;
};

/// Counts a connection, idle or busy. While there is one the endpoint is not forgotten, so a pool that outlives the
/// configuration may refer to it.
class OpenConnection {
 public:
  explicit OpenConnection(EndpointState& endpoint) noexcept : endpoint_(endpoint) {
    endpoint_.connections_.fetch_add(1, std::memory_order_relaxed);
  }
  ~OpenConnection() { endpoint_.connections_.fetch_sub(1, std::memory_order_release); }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

 private:
  EndpointState& endpoint_;
};

}  // namespace gatehouse::upstream
