// suggest(): the name somebody probably meant, for messages about unknown names. Pure.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.hpp"

namespace gatehouse::filters {

/// How many letters must be changed, added, left out or swapped with their neighbour (letter case ignored).
inline std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

/// "did you mean X?" for the nearest of `names`, or nothing when none is near.
inline std::string suggest(std::string_view name, std::span<const std::string_view> names) {
  std::size_t best = name.size() / 3 + 2;
  std::string_view nearest;
  for (const std::string_view each : names) {
    const std::size_t far = distance(name, each);
    if (far < best) best = far, nearest = each;
  }
  return nearest.empty() ? std::string() : "did you mean " + std::string(nearest) + "?";
}

}  // namespace gatehouse::filters
