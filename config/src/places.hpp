// Where each field was written: from "listeners[0].rules[1].priority" to its line and column. Filled while the tree is
// read, asked by the checks that look at the finished structs.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::config {

struct Place {
  int line{0};
  int column{0};
};

class Places {
 public:
  void set(const std::string& field, Place place) { places_.insert_or_assign(field, place); }
  /// Whether the field stands in the file (rather than having its default).
  bool has(const std::string& field) const { return places_.contains(field); }

  /// The field's place, or that of the nearest field around it.
  Place find(std::string field) const {
    while (!field.empty()) {
      if (const auto found = places_.find(field); found != places_.end()) return found->second;
      const std::size_t end = field.find_last_of(".[");
      field.resize(end == std::string::npos ? 0 : end);
    }
    return {};
  }

 private:
  std::unordered_map<std::string, Place> places_;
};

}  // namespace gatehouse::config
