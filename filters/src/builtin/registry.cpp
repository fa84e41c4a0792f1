#include "gatehouse/filters/registry.hpp"

#include <array>

#include "builtin/builtin.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::array kinds{
    FilterKind{"access_list", "lets clients in or keeps them out by their IP address", make_access_list},
    FilterKind{"geo_restriction", "serves clients of some countries only, or all but those", make_geo_restriction},
};

}  // namespace

std::span<const FilterKind> filter_kinds() noexcept { return kinds; }

const FilterKind* find_filter_kind(std::string_view name) noexcept {
  for (const FilterKind& kind : kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace gatehouse::filters
