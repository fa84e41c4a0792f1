// The table that everything about a key is made from: its name, the struct's member, the kind of its value, its
// meaning. Reading, comparing, the documentation and the schema all walk the same lines, so a key cannot exist without
// a description, and defaults are taken from the structs themselves.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "comparison.hpp"
#include "json_writer.hpp"
#include "kinds.hpp"
#include "reader.hpp"
#include "shape.hpp"

namespace gatehouse::config {

/// One line of the table, for a key of struct T.
template <class T>
struct Key {
  KeyShape shape;
  std::function<void(Reader&, const Node&, T&)> read;
  std::function<void(Comparison&, const T&, const T&)> compare;
  std::function<void(JsonWriter&, const T&)> write;

  Key required() && {
    shape.required = true;
    shape.default_text.clear();
    return std::move(*this);
  }
  Key restart() && {
    shape.restart = true;
    return std::move(*this);
  }
  /// Its value is not shown to anybody, only that it changed.
  Key secret() && {
    compare = [inner = std::move(compare)](Comparison& comparison, const T& from, const T& to) {
      Comparison apart;
      inner(apart, from, to);
      if (!apart.take().empty()) comparison.note("changed");
    };
    write = [](JsonWriter& json, const T&) { json.text("(hidden)"); };
    return std::move(*this);
  }
  /// AWS's name for the key, or the standard it comes from.
  Key source(std::string_view words) && {
    shape.source = std::string(words);
    return std::move(*this);
  }
};

/// The keys of one struct, in the order of the documentation.
template <class T>
struct Section {
  std::string_view meaning;
  std::vector<Key<T>> keys;
  bool exactly_one{false};                     // of the keys has to be given
  std::string (*identity)(const T&){nullptr};  // how one item of a list is known when the list is compared
  bool ordered{false};                         // the order of such a list means something

  SectionShape shape() const {
    SectionShape out{std::string(meaning), exactly_one, {}};
    for (const Key<T>& key : keys) out.keys.push_back(key.shape);
    return out;
  }
};

/// A value as JSON: numbers and flags as they are, everything else as the text that stands in a file.
template <class Kind, class V>
void write_value(JsonWriter& json, const Kind& kind, const V& value) {
  const Shape::Form form = kind.shape().form;
  const bool is_plain = form == Shape::Form::whole || form == Shape::Form::number || form == Shape::Form::flag;
  if constexpr (requires { kind.write(json, value); }) {
    kind.write(json, value);
  } else if (is_plain) {
    json.raw(kind.show(value));
  } else {
    json.text(kind.show(value));
  }
}

/// Makes a line of the table. The default shown is whatever a fresh T holds, so it is written down once, in model.hpp.
template <class T, class V, class Kind>
Key<T> key(std::string_view name, V T::*member, Kind kind, std::string_view meaning) {
  Key<T> key;
  key.shape.name = std::string(name);
  key.shape.shape = kind.shape();
  key.shape.meaning = std::string(meaning);
  if constexpr (requires { kind.show(T{}.*member); }) key.shape.default_text = kind.show(T{}.*member);
  key.read = [member, kind](Reader& reader, const Node& node, T& out) { kind.read(reader, node, out.*member); };
  key.compare = [member, kind](Comparison& comparison, const T& from, const T& to) {
    if constexpr (requires { kind.compare(comparison, from.*member, to.*member); }) {
      kind.compare(comparison, from.*member, to.*member);
    } else if (kind.show(from.*member) != kind.show(to.*member)) {
      comparison.changed(kind.show(from.*member), kind.show(to.*member));
    }
  };
  key.write = [member, kind](JsonWriter& json, const T& value) { write_value(json, kind, value.*member); };
  return key;
}

/// Reports the keys of `node` that are missing, and those of which only one may stand.
template <class T>
void check_presence(Reader& reader, const Node& node, const Section<T>& section) {
  const auto given = [&](const Key<T>& key) {
    return std::any_of(node.entries.begin(), node.entries.end(),
                       [&](const Entry& e) { return e.key == key.shape.name; });
  };
  std::string names;
  std::size_t count = 0;
  for (const Key<T>& key : section.keys) {
    if (key.shape.required && !given(key)) reader.missing_key(node, key.shape.name, key.shape.meaning);
    names += (names.empty() ? "" : ", ") + key.shape.name;
    if (given(key)) ++count;
  }
  if (!section.exactly_one || count == 1) return;
  reader.error(
      node,
      count == 0 ? "one of these keys has to be given: " + names : "only one of these keys may be given: " + names,
      count == 0 || section.keys.size() == 1 ? "" : "write one entry for each");
}

/// Reads a mapping into a struct. An unknown key is reported and the rest is read all the same.
template <class T>
void read_section(Reader& reader, const Node& node, const Section<T>& section, T& out) {
  if (node.kind != Node::Kind::map) return reader.expected(node, "a mapping");
  if constexpr (requires { out.position; }) out.position = reader.position(node);
  for (const Entry& entry : node.entries) {
    const auto named = [&](const Key<T>& key) { return key.shape.name == entry.key; };
    const auto key = std::find_if(section.keys.begin(), section.keys.end(), named);
    if (key == section.keys.end()) {
      std::vector<std::string_view> known;
      for (const Key<T>& other : section.keys) known.push_back(other.shape.name);
      reader.unknown_key(entry, known);
      continue;
    }
    const Reader::Step step(reader, entry.key, entry.value);
    key->read(reader, entry.value, out);
  }
  check_presence(reader, node, section);
}

/// Notes every key in which two structs differ.
template <class T>
void compare_section(Comparison& comparison, const Section<T>& section, const T& from, const T& to) {
  for (const Key<T>& key : section.keys) {
    const Comparison::Step step(comparison, key.shape.name, key.shape.restart);
    key.compare(comparison, from, to);
  }
}

/// Writes all keys, those with their defaults too.
template <class T>
void write_section(JsonWriter& json, const Section<T>& section, const T& value) {
  json.open_object();
  for (const Key<T>& key : section.keys) {
    json.key(key.shape.name);
    key.write(json, value);
  }
  json.close_object();
}

template <class T>
Shape section_shape(const Section<T>& section) {
  Shape shape;
  shape.form = Shape::Form::section;
  shape.type = "mapping";
  shape.section = std::make_shared<SectionShape>(section.shape());
  return shape;
}

/// A mapping that is always there: keys that are not given have their defaults.
template <class T>
class OneKind {
 public:
  explicit OneKind(const Section<T>& section) : section_(&section) {}
  void read(Reader& reader, const Node& node, T& out) const { read_section(reader, node, *section_, out); }
  void compare(Comparison& comparison, const T& from, const T& to) const {
    compare_section(comparison, *section_, from, to);
  }
  void write(JsonWriter& json, const T& value) const { write_section(json, *section_, value); }
  Shape shape() const { return section_shape(*section_); }

 private:
  const Section<T>* section_;
};
template <class T>
OneKind<T> one(const Section<T>& section) {
  return OneKind<T>(section);
}

/// A mapping that may be absent.
template <class T>
class MaybeKind {
 public:
  explicit MaybeKind(const Section<T>& section) : section_(&section) {}
  void read(Reader& reader, const Node& node, std::optional<T>& out) const {
    read_section(reader, node, *section_, out.emplace());
  }
  void compare(Comparison& comparison, const std::optional<T>& from, const std::optional<T>& to) const {
    if (from && to) return compare_section(comparison, *section_, *from, *to);
    if (to) comparison.added();
    if (from) comparison.removed();
  }
  void write(JsonWriter& json, const std::optional<T>& value) const {
    value ? write_section(json, *section_, *value) : json.raw("null");
  }
  Shape shape() const { return section_shape(*section_); }

 private:
  const Section<T>* section_;
};
template <class T>
MaybeKind<T> maybe(const Section<T>& section) {
  return MaybeKind<T>(section);
}

/// A list of mappings.
template <class T>
class ManyKind {
 public:
  ManyKind(const Section<T>& section, std::size_t min) : section_(&section), min_(min) {}

  void read(Reader& reader, const Node& node, std::vector<T>& out) const {
    if (!is_list_of(reader, node, min_)) return;
    out.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Step step(reader, i, node.items[i]);
      read_section(reader, node.items[i], *section_, out.emplace_back());
    }
  }

  void compare(Comparison& comparison, const std::vector<T>& from, const std::vector<T>& to) const {
    const auto old_items = by_identity(from);
    const auto new_items = by_identity(to);
    for (const auto& [name, item] : old_items) {
      const Comparison::Step step(comparison, name);
      const auto found = new_items.find(name);
      found == new_items.end() ? comparison.removed() : compare_section(comparison, *section_, *item, *found->second);
    }
    for (const auto& [name, item] : new_items) {
      const Comparison::Step step(comparison, name);
      if (!old_items.contains(name)) comparison.added();
    }
    if (section_->ordered && order_of(from, new_items) != order_of(to, old_items)) {
      comparison.note("order: " + order_of(from, new_items) + " -> " + order_of(to, old_items));
    }
  }

  void write(JsonWriter& json, const std::vector<T>& values) const {
    json.open_array();
    for (const T& value : values) write_section(json, *section_, value);
    json.close_array();
  }

  Shape shape() const {
    Shape shape;
    shape.form = Shape::Form::list;
    shape.type = "list of mappings";
    shape.length_min = min_;
    shape.item = std::make_shared<Shape>(section_shape(*section_));
    return shape;
  }

 private:
  using Items = std::map<std::string, const T*>;

  /// Items without a name of their own are known by their place.
  Items by_identity(const std::vector<T>& list) const {
    Items items;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string name = section_->identity ? section_->identity(list[i]) : std::to_string(i);
      items.emplace("[" + name + "]", &list[i]);
    }
    return items;
  }

  /// The names of those that both sides have: an added or removed one does not change the order of the rest.
  std::string order_of(const std::vector<T>& list, const Items& others) const {
    std::string out;
    for (const T& item : list) {
      const std::string name = section_->identity(item);
      if (others.contains("[" + name + "]")) out += (out.empty() ? "" : ", ") + name;
    }
    return out;
  }

  const Section<T>* section_;
  std::size_t min_;
};
template <class T>
ManyKind<T> many(const Section<T>& section, std::size_t min = 0) {
  return ManyKind<T>(section, min);
}

}  // namespace gatehouse::config
