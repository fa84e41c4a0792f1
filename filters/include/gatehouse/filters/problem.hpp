// Problem: one thing that is wrong with rule text, with its place and, where something is near, what was probably
// meant. Loaders report all of them at once. Warnings do not keep a rule set from being used.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::filters {

/// Where a construct stands. Lines and columns count from 1; 0 means "the whole file".
struct Place {
  std::string file;
  std::uint32_t line{0};
  std::uint32_t column{0};
};

struct Problem {
  Place place;
  std::string message;
  std::string hint;  // empty when nothing is near
  bool warning{false};
};

using Problems = std::vector<Problem>;

/// `file:line:column: message (hint)`.
std::string to_string(const Problem& problem);

}  // namespace gatehouse::filters
