// What a value may look like, without its C++ type: what the documentation and the JSON Schema are written from. Each
// kind of value describes itself as a Shape, each Section as a SectionShape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::config {

struct SectionShape;

struct Shape {
  enum class Form : std::uint8_t { text, whole, number, flag, duration, size, choice, list, section };

  Form form{Form::text};
  std::string type;   // in words: "duration", "list of CIDR block"
  std::string range;  // in words: "5s to 300s"; may be empty
  double min{0};      // whole, number
  double max{0};
  std::size_t length_min{0};  // text
  std::size_t length_max{0};
  std::vector<std::string> choices;             // choice
  std::shared_ptr<const Shape> item;            // list
  std::shared_ptr<const SectionShape> section;  // section
};

struct KeyShape {
  std::string name;
  Shape shape;
  std::string default_text;  // empty: none worth showing
  std::string meaning;
  std::string source;  // AWS's name for it, or the standard it comes from; may be empty
  bool required{false};
  bool restart{false};  // a reload cannot change it
};

struct SectionShape {
  std::string meaning;
  bool exactly_one{false};  // of its keys
  std::vector<KeyShape> keys;
};

}  // namespace gatehouse::config
