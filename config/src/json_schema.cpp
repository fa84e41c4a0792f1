// The table of keys as a JSON Schema (draft 2020-12), for editors. It accepts everything that load() accepts in the
// form of single values; what needs more than one value (names that have to exist, rules of an ALB) only load() knows.
#include <fmt/format.h>

#include "gatehouse/config/describe.hpp"
#include "json_writer.hpp"
#include "sections.hpp"

namespace gatehouse::config {
namespace {

void write_shape(JsonWriter& json, const Shape& shape);

bool is_plain(Shape::Form form) {
  return form == Shape::Form::whole || form == Shape::Form::number || form == Shape::Form::flag;
}

/// Any value may come from the environment, and only load() sees what it becomes.
void open_or_variable(JsonWriter& json) {
  json.key("anyOf");
  json.open_array();
  json.open_object();
}
void close_or_variable(JsonWriter& json) {
  json.close_object();
  json.open_object();
  json.field("$ref", "#/$defs/variable");
  json.close_object();
  json.close_array();
}

// A variable may stand where a number does, so every number is "this range, or text with ${".
void write_number(JsonWriter& json, const Shape& shape) {
  open_or_variable(json);
  json.field("type", shape.form == Shape::Form::whole ? "integer" : "number");
  json.raw_field("minimum", fmt::format("{}", shape.min));
  json.raw_field("maximum", fmt::format("{}", shape.max));
  close_or_variable(json);
}

void write_text(JsonWriter& json, const Shape& shape) {
  open_or_variable(json);
  json.key("type");
  json.open_array();
  // A port or a status code is text to load() and a number to an editor.
  for (const char* type : {"string", "number", "boolean"}) json.text(type);
  json.close_array();
  if (shape.length_min > 0) json.raw_field("minLength", std::to_string(shape.length_min));
  json.raw_field("maxLength", std::to_string(shape.length_max));
  close_or_variable(json);
}

void write_choice(JsonWriter& json, const Shape& shape) {
  open_or_variable(json);
  json.key("enum");
  json.open_array();
  for (const std::string& choice : shape.choices) {
    json.text(choice);
    // 301 without quotes is a number to an editor.
    if (choice.find_first_not_of("0123456789") == std::string::npos) json.raw(choice);
  }
  json.close_array();
  close_or_variable(json);
}

/// As JSON of the value's own type; durations, sizes and words are text.
void write_default(JsonWriter& json, const KeyShape& key) {
  if (key.default_text.empty() || key.required) return;
  json.key("default");
  if (key.default_text == "[]" || is_plain(key.shape.form)) {
    json.raw(key.default_text);
  } else {
    json.text(key.default_text);
  }
}

/// "additionalProperties" is what makes an editor underline a misspelt key.
void write_object(JsonWriter& json, const SectionShape& section) {
  json.field("type", "object");
  json.raw_field("additionalProperties", "false");
  if (section.exactly_one) {
    json.raw_field("minProperties", "1");
    json.raw_field("maxProperties", "1");
  }
  json.key("required");
  json.open_array();
  for (const KeyShape& key : section.keys) {
    if (key.required) json.text(key.name);
  }
  json.close_array();
  json.key("properties");
  json.open_object();
  for (const KeyShape& key : section.keys) {
    json.key(key.name);
    json.open_object();
    json.field("description", key.meaning);
    write_default(json, key);
    write_shape(json, key.shape);
    json.close_object();
  }
  json.close_object();
}

void write_list(JsonWriter& json, const Shape& shape) {
  json.field("type", "array");
  if (shape.length_min > 0) json.raw_field("minItems", std::to_string(shape.length_min));
  json.key("items");
  json.open_object();
  write_shape(json, *shape.item);
  json.close_object();
}

void write_shape(JsonWriter& json, const Shape& shape) {
  switch (shape.form) {
    case Shape::Form::text:
      return write_text(json, shape);
    case Shape::Form::whole:
    case Shape::Form::number:
      return write_number(json, shape);
    case Shape::Form::flag:
      open_or_variable(json);
      json.field("type", "boolean");
      return close_or_variable(json);
    case Shape::Form::duration:
      return json.field("$ref", "#/$defs/duration");
    case Shape::Form::size:
      return json.field("$ref", "#/$defs/size");
    case Shape::Form::choice:
      return write_choice(json, shape);
    case Shape::Form::list:
      return write_list(json, shape);
    case Shape::Form::section:
      return write_object(json, *shape.section);
  }
}

/// A definition that keys refer to: 0, or a whole number with one of the units.
void write_quantity(JsonWriter& json, std::string_view name, std::string_view units) {
  json.key(name);
  json.open_object();
  open_or_variable(json);
  json.field("type", "string");
  json.field("pattern", fmt::format("^(0|(0|[1-9][0-9]*)({}))$", units));
  json.close_object();
  json.open_object();
  json.raw_field("const", "0");
  close_or_variable(json);
  json.close_object();
}

}  // namespace

std::string json_schema() {
  JsonWriter json;
  json.open_object();
  json.field("$schema", "https://json-schema.org/draft/2020-12/schema");
  json.field("title", "Gatehouse configuration");
  json.field("$comment", "Generated by gatehouse-config-docs from the table of keys in config/src.");
  write_object(json, config_section().shape());
  json.key("$defs");
  json.open_object();
  json.key("variable");
  json.open_object();
  json.field("type", "string");
  json.field("pattern", R"(\$\{)");
  json.close_object();
  write_quantity(json, "duration", "ms|s|m|h");
  write_quantity(json, "size", "B|KB|MB|GB|TB|KiB|MiB|GiB|TiB");
  json.close_object();
  json.close_object();
  return json.take();
}

}  // namespace gatehouse::config
