#include "gateway/upstream/endpoint.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace gatehouse::upstream {
namespace {

std::uint32_t pack(HealthReport report) noexcept {
  return static_cast<std::uint32_t>(report.status) << 16 | static_cast<std::uint32_t>(report.reason) << 8 |
         static_cast<std::uint32_t>(report.health);
}

/// A name with both families is reached over IPv4, as ALB's targets are by default: to take turns between them would
/// fail every second connection where one of the two leads nowhere, as with localhost and an origin that listens on
/// 127.0.0.1 alone.
std::vector<net::Address> one_family(std::span<const net::Address> addresses) {
  std::vector<net::Address> chosen;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(chosen),
               [](const net::Address& a) { return a.is_v4(); });
  if (chosen.empty()) chosen.assign(addresses.begin(), addresses.end());
  return chosen;
}

}  // namespace

EndpointState::EndpointState(std::uint32_t id, EndpointIdentity identity, std::uint32_t weight)
    : word_(std::min(weight, weight_mask)),
      id_(id),
      health_(pack(HealthReport())),
      configured_weight_(std::min(weight, weight_mask)),
      identity_(std::move(identity)) {
  const auto parts = net::split_host_port(identity_.address);
  if (parts) {
    host_ = parts->host;
    port_ = parts->port.value_or(0);
  }
  const auto numeric = net::Address::parse(identity_.address);
  named_ = !numeric;
  if (numeric) {
    addresses_.set({&*numeric, 1});
  } else {
    flag(unresolved_flag, true);
  }
}

void EndpointState::set_addresses(std::span<const net::Address> addresses) {
  if (addresses.empty()) return;
  const std::vector<net::Address> chosen = one_family(addresses);
  // Names are asked for again and again; most answers are no news and need not stop a reader.
  if (chosen == addresses_.all()) return;
  addresses_.set(chosen);
  flag(unresolved_flag, addresses_.empty());
}

void EndpointState::set_health(HealthReport report) noexcept {
  health_.store(pack(report), std::memory_order_relaxed);
  flag(unhealthy_flag, report.health == Health::unhealthy);
}

HealthReport EndpointState::health_report() const noexcept {
  const std::uint32_t packed = health_.load(std::memory_order_relaxed);
  return HealthReport{static_cast<Health>(packed & 0xff), static_cast<HealthReason>(packed >> 8 & 0xff),
                      static_cast<std::uint16_t>(packed >> 16)};
}

void EndpointState::override_weight(std::uint32_t weight) noexcept {
  overridden_.store(true, std::memory_order_relaxed);
  put_weight(weight);
}

void EndpointState::reset_weight() noexcept {
  overridden_.store(false, std::memory_order_relaxed);
  put_weight(configured_weight());
}

void EndpointState::set_draining(bool draining) noexcept { flag(draining_flag, draining); }

void EndpointState::configure_weight(std::uint32_t weight) noexcept {
  configured_weight_.store(std::min(weight, weight_mask), std::memory_order_relaxed);
  if (!weight_overridden()) put_weight(weight);
}

void EndpointState::put_weight(std::uint32_t weight) noexcept {
  std::uint32_t word = word_.load(std::memory_order_relaxed);
  const std::uint32_t capped = std::min(weight, weight_mask);
  while (!word_.compare_exchange_weak(word, (word & ~weight_mask) | capped, std::memory_order_relaxed)) {
  }
}

void EndpointState::flag(std::uint32_t which, bool on) noexcept {
  if (on) {
    word_.fetch_or(which, std::memory_order_relaxed);
  } else {
    word_.fetch_and(~which, std::memory_order_relaxed);
  }
}

}  // namespace gatehouse::upstream
