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
  void set(const std::string& field, Place place);
  /// Whether the field stands in the file (rather than having its default).
  bool has(const std::string& field) const;
  /// The field's place, or that of the nearest field around it.
  Place find(std::string field) const;

 private:
  std::unordered_map<std::string, Place> places_;
};

}  // namespace gatehouse::config
