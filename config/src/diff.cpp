#include "gatehouse/config/diff.hpp"

#include "comparison.hpp"
#include "sections.hpp"

namespace gatehouse::config {

void Comparison::note(std::string what) { changes_.push_back({path_, std::move(what), restart_}); }

std::vector<Change> diff(const Config& from, const Config& to) {
  Comparison comparison;
  compare_section(comparison, config_section(), from, to);
  return comparison.take();
}

std::string to_text(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes) {
    out += change.field + ": " + change.what + (change.restart ? " (needs a restart)\n" : "\n");
  }
  return out;
}

}  // namespace gatehouse::config
