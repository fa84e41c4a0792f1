// Policies that come with the program under the names and ids that AWS gives its managed ones: how they are looked up.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace gatehouse::config {

template <class Policy>
struct Managed {
  std::string_view id;  // empty: known by name only
  Policy policy;
};

/// The policy of that name, with or without the prefix that the API's names have and the console's have not, or id.
template <class Policy>
const Policy* find_managed(const std::vector<Managed<Policy>>& all, std::string_view name_or_id) {
  constexpr std::string_view api_prefix = "Managed-";
  if (name_or_id.empty()) return nullptr;
  if (name_or_id.starts_with(api_prefix)) name_or_id.remove_prefix(api_prefix.size());
  const auto found = std::ranges::find_if(
      all, [&](const Managed<Policy>& managed) { return managed.policy.name == name_or_id || managed.id == name_or_id; });
  return found == all.end() ? nullptr : &found->policy;
}

template <class Policy>
std::vector<std::string_view> names_of(const std::vector<Managed<Policy>>& all) {
  std::vector<std::string_view> names;
  for (const Managed<Policy>& managed : all) names.push_back(managed.policy.name);
  return names;
}

}  // namespace gatehouse::config
