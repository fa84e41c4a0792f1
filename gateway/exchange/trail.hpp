// The decision trail: what was decided for an exchange, by whom and when, as a small fixed array of typed events. Every
// step of the spine notes its decision here; access log, metrics, explain output and replay are all made from it. It
// costs no allocation, and text is made only when someone reads it. Owned by the exchange; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "gateway/exchange/fault.hpp"

namespace gatehouse::exchange {

/// What happened. The comment names the event's arguments a, b and value.
enum class Decision : std::uint8_t {
  head_read,         // value: bytes of the head
  identified,        // a: the client's address came from X-Forwarded-For
  filter_passed,     // a: scope (0 listener, 1 rule)
  filter_responded,  // a: scope, value: status
  waf_matched,       // a: phase, b: severity, 0xffff for none; value: the rule's id
  waf_judged,        // a: filters::Outcome, b: matches so far; value: id of the rule that decided
  cache_looked_up,   // a: proxy::CacheResult, value: the first half of the key
  rule_matched,      // b: index of the rule, 0xffff for the default; value: its priority
  group_chosen,      // b: index of the group in the forward, value: the draw
  region_kept,       // b: region; the connection had drawn it before
  region_drawn,      // a: region::Reason, b: region, value: the draw
  endpoint_picked,   // a: 1 when the group failed open, b: weight, value: endpoint id
  leased,            // a: 1 reused, 0 newly connected
  request_sent,      // value: bytes of the head
  interim_relayed,   // value: status
  origin_head,       // value: status
  retried,           // a: Errc, value: endpoint id that failed
  reply_started,     // value: status
  failed,            // a: Errc, b: Side, value: status
  finished,          // value: bytes of content sent
};

std::string_view decision_name(Decision what) noexcept;

struct Event {
  std::uint32_t after{0};  // time since the exchange began, in units of 125 ns (9 minutes fit)
  Decision what{};
  std::uint8_t a{0};
  std::uint16_t b{0};
  std::uint64_t value{0};
};
static_assert(sizeof(Event) == 16);

class Trail {
 public:
  static constexpr std::size_t events_max = 32;

  /// Forgets everything; time counts from `now_ns`.
  void begin(std::uint64_t now_ns) noexcept { began_ns_ = last_ns_ = now_ns, size_ = 0, lost_ = 0; }
  /// Notes one decision. Beyond the array the last events are lost and counted: an exchange with so many is stuck in
  /// interim responses.
  void note(std::uint64_t now_ns, Decision what, std::uint64_t value = 0, std::uint8_t a = 0, std::uint16_t b = 0) noexcept {
    last_ns_ = now_ns;
    if (size_ == events_max) {
      ++lost_;
      return;
    }
    events_[size_++] = Event{static_cast<std::uint32_t>((now_ns - began_ns_) / 125), what, a, b, value};
  }

  std::span<const Event> events() const noexcept { return {events_.data(), size_}; }
  std::uint32_t lost() const noexcept { return lost_; }
  std::uint64_t began_ns() const noexcept { return began_ns_; }
  /// The time of the newest event: good enough where the clock would be read again at once.
  std::uint64_t last_ns() const noexcept { return last_ns_; }

  /// The trail as text, one line an event, for explain output and debugging. Allocates.
  std::string text() const;

 private:
  std::array<Event, events_max> events_;
  std::uint64_t began_ns_{0};
  std::uint64_t last_ns_{0};
  std::uint32_t size_{0};
  std::uint32_t lost_{0};
};

}  // namespace gatehouse::exchange
