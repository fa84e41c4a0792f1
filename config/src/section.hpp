// The table that everything about a key is made from: its name, the struct's member, the kind of its value, its
// meaning. Reading, comparing, the documentation and the schema all walk the same lines, so a key cannot exist without
// a description, and defaults are taken from the structs themselves.
//
// Only the writing of a line knows the struct's type; a line itself has the member's offset and an AnyKind, and
// section.cpp walks lines. So a key costs the compiler a call, not its own copy of everything.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "any_kind.hpp"
#include "comparison.hpp"
#include "json_writer.hpp"
#include "kinds.hpp"
#include "reader.hpp"
#include "shape.hpp"

namespace gatehouse::config {

/// One line of the table without its struct's type. The texts are literals.
struct KeyLine {
  std::string_view name;
  std::string_view meaning;
  std::string_view aws;  // AWS's name for the key, or the standard it comes from
  const AnyKind* kind{nullptr};
  std::ptrdiff_t offset{0};    // of the member in its struct
  const void* fresh{nullptr};  // the member of a struct that nobody has touched: its default
  bool is_required{false};
  bool needs_restart{false};
  bool is_secret{false};

  void read(Reader& reader, const Node& node, void* out) const;
  void compare(Comparison& comparison, const void* from, const void* to) const;
  void write(JsonWriter& json, const void* value) const;
  KeyShape shape() const;
};

/// One line of the table, for a key of struct T.
template <class T>
struct Key : KeyLine {
  Key&& required() && {
    is_required = true;
    return std::move(*this);
  }
  Key&& restart() && {
    needs_restart = true;
    return std::move(*this);
  }
  /// Its value is not shown to anybody, only that it changed.
  Key&& secret() && {
    is_secret = true;
    return std::move(*this);
  }
  /// AWS's name for the key, or the standard it comes from.
  Key&& source(const char* words) && {
    aws = words;
    return std::move(*this);
  }
};

/// Keys of struct T, in the order of the documentation.
template <class T>
class Keys {
 public:
  Keys(std::initializer_list<Key<T>> keys) {
    lines_.reserve(keys.size());
    for (const Key<T>& key : keys) lines_.push_back(key);
  }
  Keys& operator+=(const Keys& more) {
    lines_.insert(lines_.end(), more.lines_.begin(), more.lines_.end());
    return *this;
  }
  std::span<const KeyLine> lines() const noexcept { return lines_; }

 private:
  std::vector<KeyLine> lines_;
};

/// A section without its struct's type, as section.cpp walks it.
struct Table {
  std::string_view meaning;
  std::span<const KeyLine> keys;
  bool exactly_one{false};
  bool ordered{false};
  std::ptrdiff_t position{-1};  // offset of the member that notes where the struct was written; -1: it has none
  const void* section{nullptr};
  std::string (*identity)(const void* section, const void* item){nullptr};

  SectionShape shape() const;
};

/// A T that nobody has touched.
template <class T>
const T& fresh() {
  static const T value{};
  return value;
}

/// How far a member is from the start of its struct.
inline std::ptrdiff_t distance(const void* whole, const void* member) {
  return static_cast<const char*>(member) - static_cast<const char*>(whole);
}

/// All keys of one struct.
template <class T>
struct Section {
  std::string_view meaning;
  Keys<T> keys;
  bool exactly_one{false};                     // of the keys has to be given
  std::string (*identity)(const T&){nullptr};  // how one item of a list is known when the list is compared
  bool ordered{false};                         // the order of such a list means something

  /// Refers to this section, which has to stay where it is.
  Table table() const {
    Table table{meaning, keys.lines(), exactly_one, ordered};
    if constexpr (requires(const T& t) { t.position; }) table.position = distance(&fresh<T>(), &fresh<T>().position);
    table.section = this;
    if (identity != nullptr) table.identity = identity_in;
    return table;
  }
  SectionShape shape() const { return table().shape(); }

 private:
  static std::string identity_in(const void* section, const void* item) {
    return static_cast<const Section*>(section)->identity(*static_cast<const T*>(item));
  }
};

/// Makes a line of the table. The default shown is whatever a fresh T holds, so it is written down once, in model.hpp.
template <class T, class V, class Kind>
Key<T> key(const char* name, V T::*member, Kind kind, const char* meaning) {
  Key<T> key;
  key.name = name;
  key.meaning = meaning;
  key.kind = keep_kind<V>(std::move(kind));
  key.fresh = &(fresh<T>().*member);
  key.offset = distance(&fresh<T>(), key.fresh);
  return key;
}

/// Reads a mapping into a struct. An unknown key is reported and the rest is read all the same.
void read_table(Reader& reader, const Node& node, const Table& table, void* out);
/// Notes every key in which two structs differ.
void compare_table(Comparison& comparison, const Table& table, const void* from, const void* to);
/// Writes all keys, those with their defaults too.
void write_table(JsonWriter& json, const Table& table, const void* value);
Shape table_shape(const Table& table);

template <class T>
void read_section(Reader& reader, const Node& node, const Section<T>& section, T& out) {
  read_table(reader, node, section.table(), &out);
}
template <class T>
void compare_section(Comparison& comparison, const Section<T>& section, const T& from, const T& to) {
  compare_table(comparison, section.table(), &from, &to);
}
template <class T>
void write_section(JsonWriter& json, const Section<T>& section, const T& value) {
  write_table(json, section.table(), &value);
}

/// A mapping that is always there: keys that are not given have their defaults.
template <class T>
class OneKind {
 public:
  explicit OneKind(const Section<T>& section) : table_(section.table()) {}
  void read(Reader& reader, const Node& node, T& out) const { read_table(reader, node, table_, &out); }
  void compare(Comparison& comparison, const T& from, const T& to) const {
    compare_table(comparison, table_, &from, &to);
  }
  void write(JsonWriter& json, const T& value) const { write_table(json, table_, &value); }
  Shape shape() const { return table_shape(table_); }

 private:
  Table table_;
};
template <class T>
OneKind<T> one(const Section<T>& section) {
  return OneKind<T>(section);
}

/// Mappings that may be absent: null.
void compare_maybe(Comparison& comparison, const Table& table, const void* from, const void* to);
void write_maybe(JsonWriter& json, const Table& table, const void* value);

/// A mapping that may be absent.
template <class T>
class MaybeKind {
 public:
  explicit MaybeKind(const Section<T>& section) : table_(section.table()) {}
  void read(Reader& reader, const Node& node, std::optional<T>& out) const {
    read_table(reader, node, table_, &out.emplace());
  }
  void compare(Comparison& comparison, const std::optional<T>& from, const std::optional<T>& to) const {
    compare_maybe(comparison, table_, from ? &*from : nullptr, to ? &*to : nullptr);
  }
  void write(JsonWriter& json, const std::optional<T>& value) const {
    write_maybe(json, table_, value ? &*value : nullptr);
  }
  Shape shape() const { return table_shape(table_); }

 private:
  Table table_;
};
template <class T>
MaybeKind<T> maybe(const Section<T>& section) {
  return MaybeKind<T>(section);
}

/// The structs of a list without their type.
class Items {
 public:
  template <class T>
  explicit Items(const std::vector<T>& list) : first_(list.data()), count_(list.size()), size_(sizeof(T)) {}
  std::size_t size() const noexcept { return count_; }
  const void* operator[](std::size_t i) const { return static_cast<const char*>(first_) + i * size_; }

 private:
  const void* first_;
  std::size_t count_;
  std::size_t size_;
};
void compare_items(Comparison& comparison, const Table& table, const Items& from, const Items& to);
void write_items(JsonWriter& json, const Table& table, const Items& values);
Shape items_shape(const Table& table, std::size_t min);

/// A list of mappings.
template <class T>
class ManyKind {
 public:
  ManyKind(const Section<T>& section, std::size_t min) : table_(section.table()), min_(min) {}

  void read(Reader& reader, const Node& node, std::vector<T>& out) const {
    if (!is_list_of(reader, node, min_)) return;
    out = std::vector<T>(node.items.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Reader::Step step(reader, i, node.items[i]);
      read_table(reader, node.items[i], table_, &out[i]);
    }
  }
  void compare(Comparison& comparison, const std::vector<T>& from, const std::vector<T>& to) const {
    compare_items(comparison, table_, Items(from), Items(to));
  }
  void write(JsonWriter& json, const std::vector<T>& values) const { write_items(json, table_, Items(values)); }
  Shape shape() const { return items_shape(table_, min_); }

 private:
  Table table_;
  std::size_t min_;
};
template <class T>
ManyKind<T> many(const Section<T>& section, std::size_t min = 0) {
  return ManyKind<T>(section, min);
}

}  // namespace gatehouse::config
