// How the table of keys is walked: reading, comparing, writing, describing. Nothing here knows a struct's type.
#include "section.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include "gatehouse/config/model.hpp"

namespace gatehouse::config {
namespace {

const void* at(const void* whole, std::ptrdiff_t offset) { return static_cast<const char*>(whole) + offset; }
void* at(void* whole, std::ptrdiff_t offset) { return static_cast<char*>(whole) + offset; }

const KeyLine* find_key(const Table& table, std::string_view name) {
  const auto named = [&](const KeyLine& key) { return key.name == name; };
  const auto key = std::find_if(table.keys.begin(), table.keys.end(), named);
  return key == table.keys.end() ? nullptr : &*key;
}

bool is_given(const Node& node, const KeyLine& key) {
  return std::any_of(node.entries.begin(), node.entries.end(), [&](const Entry& e) { return e.key == key.name; });
}

/// Reports the keys of `node` that are missing, and those of which only one may stand.
void check_presence(Reader& reader, const Node& node, const Table& table) {
  std::string names;
  std::size_t count = 0;
  for (const KeyLine& key : table.keys) {
    const bool given = is_given(node, key);
    if (key.is_required && !given) reader.missing_key(node, key.name, key.meaning);
    (names += names.empty() ? "" : ", ") += key.name;
    if (given) ++count;
  }
  if (!table.exactly_one || count == 1) return;
  reader.error(
      node,
      count == 0 ? "one of these keys has to be given: " + names : "only one of these keys may be given: " + names,
      count == 0 || table.keys.size() == 1 ? "" : "write one entry for each");
}

/// A list's items by the name they are known by in a comparison.
using ByIdentity = std::map<std::string, const void*>;

/// Items without a name of their own are known by their place.
ByIdentity by_identity(const Table& table, const Items& list) {
  ByIdentity items;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name = table.identity ? table.identity(table.section, list[i]) : std::to_string(i);
    items.emplace("[" + name + "]", list[i]);
  }
  return items;
}

/// The names of those that both sides have: an added or removed one does not change the order of the rest.
std::string order_of(const Table& table, const Items& list, const ByIdentity& others) {
  std::string out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name = table.identity(table.section, list[i]);
    if (others.contains("[" + name + "]")) out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

const AnyKind* keep(std::unique_ptr<const AnyKind> kind) {
  static std::mutex mutex;
  static std::deque<std::unique_ptr<const AnyKind>> kept;
  const std::lock_guard lock(mutex);
  return kept.emplace_back(std::move(kind)).get();
}

void AnyKind::compare(Comparison& comparison, const void* from, const void* to) const {
  const std::string before = show(from);
  const std::string after = show(to);
  if (before != after) comparison.changed(before, after);
}

void AnyKind::write(JsonWriter& json, const void* value) const {
  const Shape::Form form = shape().form;
  const bool is_plain = form == Shape::Form::whole || form == Shape::Form::number || form == Shape::Form::flag;
  is_plain ? json.raw(show(value)) : json.text(show(value));
}

void KeyLine::read(Reader& reader, const Node& node, void* out) const { kind->read(reader, node, at(out, offset)); }

void KeyLine::compare(Comparison& comparison, const void* from, const void* to) const {
  if (!is_secret) return kind->compare(comparison, at(from, offset), at(to, offset));
  Comparison apart;
  kind->compare(apart, at(from, offset), at(to, offset));
  if (!apart.take().empty()) comparison.note("changed");
}

void KeyLine::write(JsonWriter& json, const void* value) const {
  is_secret ? json.text("(hidden)") : kind->write(json, at(value, offset));
}

KeyShape KeyLine::shape() const {
  KeyShape shape;
  shape.name = name;
  shape.shape = kind->shape();
  if (!is_required) shape.default_text = kind->show(fresh);
  shape.meaning = meaning;
  shape.source = aws;
  shape.required = is_required;
  shape.restart = needs_restart;
  return shape;
}

SectionShape Table::shape() const {
  SectionShape out{std::string(meaning), exactly_one, {}};
  for (const KeyLine& key : keys) out.keys.push_back(key.shape());
  return out;
}

void read_table(Reader& reader, const Node& node, const Table& table, void* out) {
  if (node.kind != Node::Kind::map) return reader.expected(node, "a mapping");
  if (table.position >= 0) *static_cast<Position*>(at(out, table.position)) = reader.position(node);
  for (const Entry& entry : node.entries) {
    const KeyLine* key = find_key(table, entry.key);
    if (key == nullptr) {
      std::vector<std::string_view> known;
      for (const KeyLine& other : table.keys) known.push_back(other.name);
      reader.unknown_key(entry, known);
      continue;
    }
    const Reader::Step step(reader, entry.key, entry.value);
    key->read(reader, entry.value, out);
  }
  check_presence(reader, node, table);
}

void compare_table(Comparison& comparison, const Table& table, const void* from, const void* to) {
  for (const KeyLine& key : table.keys) {
    const Comparison::Step step(comparison, key.name, key.needs_restart);
    key.compare(comparison, from, to);
  }
}

void write_table(JsonWriter& json, const Table& table, const void* value) {
  json.open_object();
  for (const KeyLine& key : table.keys) {
    json.key(key.name);
    key.write(json, value);
  }
  json.close_object();
}

Shape table_shape(const Table& table) {
  Shape shape;
  shape.form = Shape::Form::section;
  shape.type = "mapping";
  shape.section = std::make_shared<SectionShape>(table.shape());
  return shape;
}

void compare_maybe(Comparison& comparison, const Table& table, const void* from, const void* to) {
  if (from != nullptr && to != nullptr) return compare_table(comparison, table, from, to);
  if (to != nullptr) comparison.added();
  if (from != nullptr) comparison.removed();
}

void write_maybe(JsonWriter& json, const Table& table, const void* value) {
  value != nullptr ? write_table(json, table, value) : json.raw("null");
}

void compare_items(Comparison& comparison, const Table& table, const Items& from, const Items& to) {
  const ByIdentity old_items = by_identity(table, from);
  const ByIdentity new_items = by_identity(table, to);
  for (const auto& [name, item] : old_items) {
    const Comparison::Step step(comparison, name);
    const auto found = new_items.find(name);
    found == new_items.end() ? comparison.removed() : compare_table(comparison, table, item, found->second);
  }
  for (const auto& [name, item] : new_items) {
    const Comparison::Step step(comparison, name);
    if (!old_items.contains(name)) comparison.added();
  }
  if (!table.ordered) return;
  const std::string old_order = order_of(table, from, new_items);
  const std::string new_order = order_of(table, to, old_items);
  if (old_order != new_order) comparison.note("order: " + old_order + " -> " + new_order);
}

void write_items(JsonWriter& json, const Table& table, const Items& values) {
  json.open_array();
  for (std::size_t i = 0; i < values.size(); ++i) write_table(json, table, values[i]);
  json.close_array();
}

Shape items_shape(const Table& table, std::size_t min) {
  Shape shape;
  shape.form = Shape::Form::list;
  shape.type = "list of mappings";
  shape.length_min = min;
  shape.item = std::make_shared<Shape>(table_shape(table));
  return shape;
}

}  // namespace gatehouse::config
