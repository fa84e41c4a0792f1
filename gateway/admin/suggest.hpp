// The name somebody probably meant. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::admin {

/// `; did you mean "x"?` for the candidate that is closest to the name, or "" when none is close. Closeness counts
/// inserted, removed, replaced and swapped neighbouring letters; a third of the name may be wrong.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace gatehouse::admin
