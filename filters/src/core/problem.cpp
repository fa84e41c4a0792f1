#include "gatehouse/filters/problem.hpp"

namespace gatehouse::filters {

std::string to_string(const Problem& problem) {
  std::string text = problem.place.file;
  if (problem.place.line != 0) {
    text += ':' + std::to_string(problem.place.line) + ':' + std::to_string(problem.place.column);
  }
  if (!text.empty()) text += ": ";
  if (problem.warning) text += "warning: ";
  text += problem.message;
  if (!problem.hint.empty()) text += " (" + problem.hint + ')';
  return text;
}

}  // namespace gatehouse::filters
