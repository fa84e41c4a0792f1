// Step 2, match: the listener's rules in priority order; the first whose conditions all hold decides (aws-alb 3).
#include <algorithm>

#include "gateway/http/target.hpp"
#include "gateway/proxy/proxy.hpp"

namespace gatehouse::proxy {
namespace {

bool any_matches(const std::vector<Pattern>& patterns, std::string_view text) noexcept {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) { return pattern.matches(text); });
}

bool holds(const CompiledRule& rule, std::string_view host, std::string_view path) noexcept {
  for (const auto& condition : rule.paths) {
    if (!any_matches(condition, path)) return false;
  }
  for (const auto& condition : rule.hosts) {
    if (!any_matches(condition, host)) return false;
  }
  return true;
}

}  // namespace

const CompiledRule& Proxy::match(Passage& passage) {
  constexpr std::uint16_t default_rule = 0xffff;
  const http::Request& request = passage.x.request;
  const std::string_view host = http::host_without_port(request.authority);
  const std::vector<CompiledRule>& rules = passage.listener.rules;
  std::uint16_t index = default_rule;
  passage.route = &passage.listener.fallback;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!holds(rules[i], host, request.path)) continue;
    passage.route = &rules[i];
    index = static_cast<std::uint16_t>(i);
    break;
  }
  passage.x.trail.note(passage.x.trail.last_ns(), Decision::rule_matched, passage.route->priority, 0, index);
  return *passage.route;
}

}  // namespace gatehouse::proxy
