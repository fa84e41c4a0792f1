#include "gateway/exchange/trail.hpp"

namespace gatehouse::exchange {

std::string_view decision_name(Decision what) noexcept {
  switch (what) {
    case Decision::head_read: return "head_read";
    case Decision::identified: return "identified";
    case Decision::filter_passed: return "filter_passed";
    case Decision::filter_responded: return "filter_responded";
    case Decision::waf_matched: return "waf_matched";
    case Decision::waf_judged: return "waf_judged";
    case Decision::cache_looked_up: return "cache_looked_up";
    case Decision::rule_matched: return "rule_matched";
    case Decision::group_chosen: return "group_chosen";
    case Decision::region_kept: return "region_kept";
    case Decision::region_drawn: return "region_drawn";
    case Decision::endpoint_picked: return "endpoint_picked";
    case Decision::leased: return "leased";
    case Decision::request_sent: return "request_sent";
    case Decision::interim_relayed: return "interim_relayed";
    case Decision::origin_head: return "origin_head";
    case Decision::retried: return "retried";
    case Decision::reply_started: return "reply_started";
    case Decision::failed: return "failed";
    case Decision::finished: return "finished";
  }
  return "unknown";
}

std::string Trail::text() const {
  std::string out;
  for (const Event& event : events()) {
    out += '+';
    out += std::to_string(std::uint64_t{event.after} * 125 / 1000);
    out += " us ";
    out += decision_name(event.what);
    if (event.what == Decision::failed || event.what == Decision::retried) {
      out += ' ';
      out += fault_name(static_cast<Errc>(event.a));
    } else {
      out += " a=" + std::to_string(event.a);
    }
    out += " b=" + std::to_string(event.b) + " value=" + std::to_string(event.value) + '\n';
  }
  if (lost_ != 0) out += "(" + std::to_string(lost_) + " more events)\n";
  return out;
}

}  // namespace gatehouse::exchange
