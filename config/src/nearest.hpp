// "Did you mean": the known word that a mistyped one is closest to, by optimal string alignment distance (insert,
// delete, replace, swap neighbours; case is ignored). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// The nearest of `known`, if it is near enough to be meant: at most a third of the word is different.
std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known);

/// "did you mean 'x'?" or, when nothing is near, "<label>: a, b, c" (at most 24 of them), or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& known, std::string_view label);

}  // namespace gatehouse::config
