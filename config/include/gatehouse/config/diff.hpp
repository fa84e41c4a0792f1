// What a reload from one configuration to another would change, in short lines, and which of it only a restart can.
// Semantic: the order of listeners, comments and how a value is spelled do not matter. Pure.
#pragma once

#include <string>
#include <vector>

#include "gatehouse/config/model.hpp"

namespace gatehouse::config {

struct Change {
  std::string field;    // target_groups[web].endpoints[10.0.0.7:8080].weight
  std::string what;     // "128 -> 0", "added", "removed"
  bool restart{false};  // a reload keeps the old value; only a restart takes the new one
};

/// Empty when both mean the same.
std::vector<Change> diff(const Config& from, const Config& to);

/// "field: what" for each, with " (needs a restart)" where it does; one line each.
std::string to_text(const std::vector<Change>& changes);

}  // namespace gatehouse::config
