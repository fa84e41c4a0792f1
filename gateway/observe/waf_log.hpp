// WafLog: turns what a web ACL found in one exchange into one line of JSON in the worker's ring: who asked what, which
// rules matched on which part of it, what they made of it. Every value is escaped, so that an attack in a log is only
// text there. Written for exchanges with a match, so it may allocate. One per worker, on its thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/filters/audit.hpp"
#include "gatehouse/filters/inspection.hpp"
#include "gateway/observe/counters.hpp"
#include "gateway/observe/log_ring.hpp"

namespace gatehouse::observe {

std::string_view waf_action_name(WafAction action) noexcept;

struct WafRecord {
  std::uint64_t wall_ns{0};
  std::string_view request_id;
  std::string_view web_acl;
  WafAction action{WafAction::pass};
  std::uint32_t rule{0};  // that decided; 0: none
  std::uint8_t phase{0};
  std::uint64_t score{0};
  std::string_view client;
  std::string_view listener;
  std::string_view route;
  std::string_view method;
  std::string_view host;
  std::string_view target;
  std::uint16_t status{0};  // 0: no reply was begun
  std::span<const filters::MatchedRule> matches;
  const filters::AuditRecord* audit{nullptr};  // which parts are written; null: the matches
};

/// The line, without its end.
std::string waf_line(const WafRecord& record);

class WafLog {
 public:
  explicit WafLog(LogRing& ring) noexcept : ring_(ring) {}

  bool enabled() const noexcept { return enabled_; }
  void enable(bool on) noexcept { enabled_ = on; }
  /// Writes the record as a line, or drops it (counted by the ring) when the ring has no room for it.
  void write(const WafRecord& record);

 private:
  LogRing& ring_;
  bool enabled_{false};
};

}  // namespace gatehouse::observe
