// A YAML document as a tree of values that know where they were written. Built from yaml-cpp's events rather than from
// its Node, so that duplicate keys are seen, aliases have a budget and a deep or huge document stops early. No
// exception of yaml-cpp leaves. Values are text here; types come with the reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/load.hpp"
#include "gatehouse/config/problems.hpp"

namespace gatehouse::config {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { nothing, scalar, list, map };

  Kind kind{Kind::nothing};
  int line{0};
  int column{0};
  std::string text;            // scalar, before the environment is expanded
  std::vector<Node> items;     // list
  std::vector<Entry> entries;  // map, in the order of the file, keys unique
};

struct Entry {
  std::string key;
  int line{0};
  int column{0};
  Node value;
};

/// "a list", "a mapping", "text", "nothing": what was found, for messages.
std::string_view words_of(Node::Kind kind);

/// The document in `text`, or none when it is no usable YAML; says why in `problems`. Duplicate keys are reported and
/// the first of them kept, so that the rest can still be checked.
std::optional<Node> parse_tree(std::string_view text, const std::string& name, const LoadOptions& options,
                               Problems& problems);

}  // namespace gatehouse::config
