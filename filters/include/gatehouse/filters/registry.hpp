// The filters that ship with the library, by the name they have in configuration. A plain table: a loader finds a kind
// here, hands over its settings as text and gets a filter or everything that is wrong with them at once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/filter.hpp"
#include "gatehouse/filters/result.hpp"

namespace gatehouse::filters {

/// One setting and its list of values.
struct Setting {
  std::string_view name;
  std::span<const std::string> values;
};

/// What is wrong with a setting. `index` says which of its values, so that the loader can point at the place.
struct SettingProblem {
  std::string setting;
  std::size_t index{0};
  std::string message;
  std::string hint;  // empty when nothing is near
};

using Settings = std::span<const Setting>;
using MadeFilter = Result<std::unique_ptr<const Filter>, std::vector<SettingProblem>>;

struct FilterKind {
  std::string_view name;
  std::string_view summary;  // one line for documentation and help
  MadeFilter (*make)(Settings settings);
};

std::span<const FilterKind> filter_kinds() noexcept;
/// The kind of that name, or null.
const FilterKind* find_filter_kind(std::string_view name) noexcept;

}  // namespace gatehouse::filters
