// Rule text: whatever it is, loading ends with rules or with problems that have a place and a message. Nothing outside the
// text is read: names of files lead nowhere that could exist.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gatehouse/filters/rule_set.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // Compiling what a repeat counts takes Vectorscan long, and is not what this is about.
  if (size > 2000 || text.find("nclude") != std::string::npos || text.find("File") != std::string::npos) return -1;
  RuleSetOptions options;
  options.before.push_back({"fuzz", text});
  const auto rules = RuleSet::load_seclang({}, options);
  if (rules) return 0;
  if (rules.error().empty()) std::abort();
  for (const Problem& problem : rules.error()) {
    if (problem.message.empty()) std::abort();
  }
  return 0;
}
