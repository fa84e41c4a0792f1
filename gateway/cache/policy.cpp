#include "gateway/cache/policy.hpp"

#include <algorithm>

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
  // Without the flags Accept-Encoding is dropped on the way to the origin unless it is listed like any other header.
  if (name == "accept-encoding" || rules.headers.selects(name)) return true;
  if (name == "cookie") return rules.cookies.selection == Selection::all || rules.cookies.selection == Selection::none;
  return std::ranges::find(rules.stripped, name) != rules.stripped.end();
}

}  // namespace gatehouse::cache
