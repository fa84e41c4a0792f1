#include "places.hpp"

namespace gatehouse::config {

void Places::set(const std::string& field, Place place) { places_.insert_or_assign(field, place); }

bool Places::has(const std::string& field) const { return places_.contains(field); }

Place Places::find(std::string field) const {
  while (!field.empty()) {
    if (const auto found = places_.find(field); found != places_.end()) return found->second;
    const std::size_t end = field.find_last_of(".[");
    field.resize(end == std::string::npos ? 0 : end);
  }
  return {};
}

}  // namespace gatehouse::config
