#include "gateway/cache/policy.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::cache {

bool NameList::selects(std::string_view name) const noexcept {
  switch (selection) {
    case Selection::none: return false;
    case Selection::all: return true;
    case Selection::listed: return std::ranges::find(names, name) != names.end();
    case Selection::all_but_listed: return std::ranges::find(names, name) == names.end();
  }
  return false;
}

seconds Policy::negative_ttl(std::uint16_t status, seconds otherwise) const noexcept {
  const auto entry = std::ranges::find(negative, status, &StatusTtl::status);
  return entry == negative.end() ? otherwise : entry->ttl;
}

bool vary_name_is_safe(const CloudFrontRules& rules, std::string_view name) noexcept {
  // What every request to an origin carries as the client sent it, or of the client.
  constexpr std::array<std::string_view, 14> always_sent{
      "cache-control", "pragma", "range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "via",
      "x-forwarded-for", "x-amzn-trace-id", "x-request-id", "max-forwards", "date"};
  if (rules.headers.selects(name)) return true;
  if (name == "accept-encoding" && (rules.accept_encoding_gzip || rules.accept_encoding_brotli)) return true;
  if (name == "cookie") return !rules.cookies_forwarded;
  if (std::ranges::find(always_sent, name) != always_sent.end()) return false;
  return !rules.forwarded.selects(name);
}

}  // namespace gatehouse::cache
