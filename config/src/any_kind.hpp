// A kind of value (kinds.hpp, section.hpp) behind one interface that knows no C++ types: the table of keys is walked by
// functions that are compiled once, not once for each key.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "comparison.hpp"
#include "json_writer.hpp"
#include "reader.hpp"
#include "shape.hpp"

namespace gatehouse::config {

/// What can be done with a key's value. The pointers are to a struct's member, of the type that the kind was made for.
class AnyKind {
 public:
  virtual ~AnyKind() = default;
  virtual Shape shape() const = 0;
  virtual void read(Reader& reader, const Node& node, void* out) const = 0;
  /// The value as it would stand in a file; empty if it takes more than a line.
  virtual std::string show(const void* value) const = 0;
  /// Unless the kind knows better: two values differ if they are shown differently.
  virtual void compare(Comparison& comparison, const void* from, const void* to) const;
  /// Unless the kind knows better: numbers and flags as they are, everything else as the text that stands in a file.
  virtual void write(JsonWriter& json, const void* value) const;
};

/// Holds a kind as long as the process lives, as the table does.
const AnyKind* keep(std::unique_ptr<const AnyKind> kind);

/// A kind for members of type V. A kind has read() and shape(), and show() or both of compare() and write().
template <class Kind, class V>
class KindOf final : public AnyKind {
 public:
  explicit KindOf(Kind kind) : kind_(std::move(kind)) {}

  Shape shape() const override { return kind_.shape(); }
  void read(Reader& reader, const Node& node, void* out) const override {
    kind_.read(reader, node, *static_cast<V*>(out));
  }
  std::string show(const void* value) const override {
    if constexpr (requires(const V& v) { kind_.show(v); }) return kind_.show(of(value));
    return {};
  }
  void compare(Comparison& comparison, const void* from, const void* to) const override {
    if constexpr (requires(const V& v) { kind_.compare(comparison, v, v); }) {
      kind_.compare(comparison, of(from), of(to));
    } else {
      AnyKind::compare(comparison, from, to);
    }
  }
  void write(JsonWriter& json, const void* value) const override {
    if constexpr (requires(const V& v) { kind_.write(json, v); }) {
      kind_.write(json, of(value));
    } else {
      AnyKind::write(json, value);
    }
  }

 private:
  static const V& of(const void* value) { return *static_cast<const V*>(value); }

  Kind kind_;
};

template <class V, class Kind>
const AnyKind* keep_kind(Kind kind) {
  return keep(std::make_unique<KindOf<Kind, V>>(std::move(kind)));
}

}  // namespace gatehouse::config
