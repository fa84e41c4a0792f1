// Explanation: why rules judged an exchange as they did, made from the recorded match trail alone: which conditions met
// which part of which value after which transformations, what that changed, and what decided. As text or JSON.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/filters/match_trail.hpp"
#include "gateway/cli/waf_message.hpp"

namespace gatehouse::cli {

struct Explanation {
  const WafRequest& request;
  const filters::MatchTrail& trail;
  filters::Decision decision;   // in force; pass when nothing stopped the exchange
  filters::Decision detected;   // the first that was or would have been
  bool has_response{false};
};

/// pass, detect or block.
std::string_view verdict_of(const Explanation& explanation) noexcept;

/// `all`: also rules that are not to be logged and only changed variables or matched.
std::string explanation_text(const Explanation& explanation, bool all);
std::string explanation_json(const Explanation& explanation);

}  // namespace gatehouse::cli
