// The kinds of value that a key can have. Each can read itself from the tree, show itself, and describe itself for the
// documentation; that is all a key's table line has to name. A kind that fails to read reports a problem and leaves the
// struct's default in place, so that the checks after it still make sense.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json_writer.hpp"
#include "reader.hpp"
#include "shape.hpp"

namespace gatehouse::config {

/// Text in one of the forms of formats.hpp.
class TextKind {
 public:
  explicit TextKind(const Format& format) : format_(&format) {}
  void read(Reader& reader, const Node& node, std::string& out) const;
  std::string show(const std::string& value) const { return value; }
  Shape shape() const;

 private:
  const Format* format_;
};
inline TextKind text(const Format& format) { return TextKind(format); }

/// A whole number in a range.
class WholeKind {
 public:
  WholeKind(std::uint64_t min, std::uint64_t max) : min_(min), max_(max) {}
  template <class V>
  void read(Reader& reader, const Node& node, V& out) const {
    if (const auto value = parse(reader, node)) out = static_cast<V>(*value);
  }
  std::string show(std::uint64_t value) const { return std::to_string(value); }
  Shape shape() const;

 private:
  std::optional<std::uint64_t> parse(Reader& reader, const Node& node) const;
  std::uint64_t min_;
  std::uint64_t max_;
};
inline WholeKind whole(std::uint64_t min, std::uint64_t max) { return {min, max}; }

/// A number with a fraction, in a range.
class NumberKind {
 public:
  NumberKind(double min, double max) : min_(min), max_(max) {}
  void read(Reader& reader, const Node& node, double& out) const;
  std::string show(double value) const;
  Shape shape() const;

 private:
  double min_;
  double max_;
};
inline NumberKind number(double min, double max) { return {min, max}; }

/// true or false.
class FlagKind {
 public:
  void read(Reader& reader, const Node& node, bool& out) const;
  std::string show(bool value) const { return value ? "true" : "false"; }
  Shape shape() const;
};
inline FlagKind flag() { return {}; }

/// A duration with its unit.
class DurationKind {
 public:
  DurationKind(std::chrono::milliseconds min, std::chrono::milliseconds max) : min_(min), max_(max) {}
  void read(Reader& reader, const Node& node, std::chrono::milliseconds& out) const;
  std::string show(std::chrono::milliseconds value) const;
  Shape shape() const;

 private:
  std::chrono::milliseconds min_;
  std::chrono::milliseconds max_;
};
/// The longest lifetime that CloudFront honours (aws-cloudfront 5): a hundred years.
inline constexpr std::chrono::milliseconds century{std::chrono::hours(24 * 365 * 100)};

inline DurationKind duration(std::chrono::milliseconds min, std::chrono::milliseconds max) { return {min, max}; }

/// A number of bytes with its unit. `or_zero`: 0 is allowed too, and means that there is no limit.
class SizeKind {
 public:
  SizeKind(std::uint64_t min, std::uint64_t max, bool or_zero) : min_(min), max_(max), or_zero_(or_zero) {}
  template <class V>
  void read(Reader& reader, const Node& node, V& out) const {
    if (const auto value = parse(reader, node)) out = static_cast<V>(*value);
  }
  std::string show(std::uint64_t value) const;
  Shape shape() const;

 private:
  std::optional<std::uint64_t> parse(Reader& reader, const Node& node) const;
  std::uint64_t min_;
  std::uint64_t max_;
  bool or_zero_;
};
inline SizeKind size(std::uint64_t min, std::uint64_t max) { return {min, max, false}; }
inline SizeKind size_or_zero(std::uint64_t min, std::uint64_t max) { return {min, max, true}; }

/// Words that each stand for a number, that of an enumerator.
class Words {
 public:
  void add(std::string_view text, int value) { words_.push_back({text, value}); }
  std::optional<int> read(Reader& reader, const Node& node) const;
  std::string show(int value) const;
  Shape shape() const;

 private:
  struct Word {
    std::string_view text;
    int value;
  };
  std::vector<std::string_view> texts() const;

  std::vector<Word> words_;
};

template <class E>
struct Choice {
  std::string_view text;
  E value;
};

/// One of several words, each standing for an enumerator.
template <class E>
class ChoiceKind {
 public:
  explicit ChoiceKind(std::initializer_list<Choice<E>> choices) {
    for (const Choice<E>& choice : choices) words_.add(choice.text, static_cast<int>(choice.value));
  }
  void read(Reader& reader, const Node& node, E& out) const {
    if (const auto value = words_.read(reader, node)) out = static_cast<E>(*value);
  }
  std::string show(E value) const { return words_.show(static_cast<int>(value)); }
  Shape shape() const { return words_.shape(); }

 private:
  Words words_;
};
template <class E>
ChoiceKind<E> choice(std::initializer_list<Choice<E>> choices) {
  return ChoiceKind<E>(choices);
}

/// Reports a problem unless `node` is a list of at least `min` items.
bool is_list_of(Reader& reader, const Node& node, std::size_t min);
Shape list_shape(Shape item, std::size_t min);

/// A list of values of one kind; `min` of them at least.
template <class Kind>
class ListKind {
 public:
  ListKind(Kind kind, std::size_t min) : kind_(std::move(kind)), min_(min) {}

  template <class V>
  void read(Reader& reader, const Node& node, std::vector<V>& out) const {
    if (!is_list_of(reader, node, min_)) return;
    out.clear();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Reader::Step step(reader, i, node.items[i]);
      kind_.read(reader, node.items[i], out.emplace_back());
    }
  }
  template <class V>
  std::string show(const std::vector<V>& values) const {
    std::string out = "[";
    for (const V& value : values) out += (out.size() > 1 ? ", " : "") + kind_.show(value);
    return out + "]";
  }
  template <class V>
  void write(JsonWriter& json, const std::vector<V>& values) const {
    json.open_array();
    for (const V& value : values) json.text(kind_.show(value));
    json.close_array();
  }
  Shape shape() const { return list_shape(kind_.shape(), min_); }

 private:
  Kind kind_;
  std::size_t min_;
};
template <class Kind>
ListKind<Kind> list(Kind kind, std::size_t min = 0) {
  return ListKind<Kind>(std::move(kind), min);
}

}  // namespace gatehouse::config
