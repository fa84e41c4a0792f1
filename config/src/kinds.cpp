// Reading of single values. Every refusal names what was expected and what was found, and a range where there is one:
// the message alone has to be enough to mend the file.
#include "kinds.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nearest.hpp"
#include "quantities.hpp"
#include "quote.hpp"

namespace gatehouse::config {
namespace {

constexpr std::string_view duration_hint = "a whole number with its unit: 250ms, 5s, 1m, 8h";
constexpr std::string_view size_hint = "a whole number with its unit: 512B, 16KiB, 256MiB, 10GB";

/// The value as it was written rather than as it was understood: 1024KiB stays that.
void out_of_range(Reader& reader, const Node& node, std::string_view value, std::string_view range) {
  reader.error(node, fmt::format("{} is out of range: {}", value, range));
}

std::string range_words(std::string_view min, std::string_view max) {
  return min == max ? fmt::format("only {}", min) : fmt::format("{} to {}", min, max);
}

// These stand for no file, so they are not resolved against a folder.
bool is_log_word(const std::string& value) { return value == "stdout" || value == "stderr" || value == "off"; }

}  // namespace

void TextKind::read(Reader& reader, const Node& node, std::string& out) const {
  std::optional<std::string> value = reader.scalar(node, format_->type);
  if (!value) return;
  if (value->size() < format_->length_min) return reader.error(node, fmt::format("the {} is empty", format_->type));
  if (value->size() > format_->length_max) {
    const std::string message =
        fmt::format("{} is too long: {} bytes, at most {}", format_->type, value->size(), format_->length_max);
    return reader.error(node, message);
  }
  // The check may bring the value into its canonical form, so it comes before the value is kept.
  if (format_->check != nullptr) {
    if (const auto complaint = format_->check(*value)) return reader.error(node, *complaint);
  }
  const bool is_path = format_->is_file && !(format_ == &log_target && is_log_word(*value));
  out = is_path ? reader.resolve(*value) : *std::move(value);
}

Shape TextKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::text;
  shape.type = std::string(format_->type);
  shape.range = std::string(format_->range);
  shape.length_min = format_->length_min;
  shape.length_max = format_->length_max;
  return shape;
}

std::optional<std::uint64_t> WholeKind::parse(Reader& reader, const Node& node) const {
  const auto text = reader.scalar(node, "a whole number");
  if (!text) return std::nullopt;
  const auto value = parse_whole(*text);
  const std::string range = range_words(show(min_), show(max_));
  if (!value) {
    reader.error(node, fmt::format("expected a whole number, found {}", quote(*text)), "the range is " + range);
  } else if (*value < min_ || *value > max_) {
    out_of_range(reader, node, *text, range);
  } else {
    return value;
  }
  return std::nullopt;
}

Shape WholeKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::whole;
  shape.type = "whole number";
  shape.range = range_words(show(min_), show(max_));
  shape.min = static_cast<double>(min_);
  shape.max = static_cast<double>(max_);
  return shape;
}

void NumberKind::read(Reader& reader, const Node& node, double& out) const {
  const auto text = reader.scalar(node, "a number");
  if (!text) return;
  const auto value = parse_number(*text);
  if (!value)
    return reader.error(node, fmt::format("expected a number, found {}", quote(*text)),
                        "the range is " + shape().range);
  if (*value < min_ || *value > max_) return out_of_range(reader, node, *text, shape().range);
  out = *value;
}

std::string NumberKind::show(double value) const { return fmt::format("{}", value); }

Shape NumberKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::number;
  shape.type = "number";
  shape.range = range_words(show(min_), show(max_));
  shape.min = min_;
  shape.max = max_;
  return shape;
}

void FlagKind::read(Reader& reader, const Node& node, bool& out) const {
  const auto text = reader.scalar(node, "true or false");
  if (!text) return;
  if (*text == "true" || *text == "false") {
    out = *text == "true";
  } else {
    // yes, no, on and off are words in one YAML and flags in another.
    reader.error(node, fmt::format("expected true or false, found {}", quote(*text)));
  }
}

Shape FlagKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::flag;
  shape.type = "true or false";
  return shape;
}

void DurationKind::read(Reader& reader, const Node& node, std::chrono::milliseconds& out) const {
  const auto text = reader.scalar(node, "a duration");
  if (!text) return;
  const auto value = parse_duration(*text);
  if (!value)
    return reader.error(node, fmt::format("expected a duration, found {}", quote(*text)), std::string(duration_hint));
  if (*value < min_ || *value > max_) return out_of_range(reader, node, *text, shape().range);
  out = *value;
}

std::string DurationKind::show(std::chrono::milliseconds value) const { return show_duration(value); }

Shape DurationKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::duration;
  shape.type = "duration";
  shape.range = range_words(show(min_), show(max_));
  return shape;
}

std::optional<std::uint64_t> SizeKind::parse(Reader& reader, const Node& node) const {
  const auto text = reader.scalar(node, "a size");
  if (!text) return std::nullopt;
  const auto value = parse_size(*text);
  if (!value) {
    reader.error(node, fmt::format("expected a size, found {}", quote(*text)), std::string(size_hint));
  } else if ((*value < min_ || *value > max_) && !(or_zero_ && *value == 0)) {
    out_of_range(reader, node, *text, shape().range);
  } else {
    return value;
  }
  return std::nullopt;
}

std::string SizeKind::show(std::uint64_t value) const { return show_size(value); }

Shape SizeKind::shape() const {
  Shape shape;
  shape.form = Shape::Form::size;
  shape.type = "size";
  shape.range = range_words(show(min_), show(max_)) + (or_zero_ ? ", or 0: no limit" : "");
  return shape;
}

std::vector<std::string_view> Words::texts() const {
  std::vector<std::string_view> texts;
  for (const Word& word : words_) texts.push_back(word.text);
  return texts;
}

std::optional<int> Words::read(Reader& reader, const Node& node) const {
  const std::vector<std::string_view> known = texts();
  const std::string wanted = fmt::format("{}", fmt::join(known, " or "));
  const auto text = reader.scalar(node, wanted);
  if (!text) return std::nullopt;
  for (const Word& word : words_) {
    if (word.text == *text) return word.value;
  }
  const auto near = nearest(*text, known);
  reader.error(node, fmt::format("expected {}, found {}", wanted, quote(*text)),
               near ? fmt::format("did you mean {}?", quote(*near)) : std::string());
  return std::nullopt;
}

std::string Words::show(int value) const {
  for (const Word& word : words_) {
    if (word.value == value) return std::string(word.text);
  }
  return {};
}

Shape Words::shape() const {
  Shape shape;
  shape.form = Shape::Form::choice;
  shape.type = "choice";
  for (const Word& word : words_) shape.choices.emplace_back(word.text);
  shape.range = fmt::format("`{}`", fmt::join(texts(), "`, `"));
  return shape;
}

bool is_list_of(Reader& reader, const Node& node, std::size_t min) {
  if (node.kind != Node::Kind::list) {
    reader.expected(node, "a list", node.kind == Node::Kind::nothing ? "" : "put it in brackets: [ ... ]");
    return false;
  }
  if (node.items.size() >= min) return true;
  reader.error(node, "the list is empty",
               fmt::format("it needs at least {}", min == 1 ? "one entry" : std::to_string(min)));
  return false;
}

Shape list_shape(Shape item, std::size_t min) {
  Shape shape;
  shape.form = Shape::Form::list;
  shape.type = "list of " + item.type;
  shape.range = item.range;
  shape.length_min = min;
  shape.item = std::make_shared<Shape>(std::move(item));
  return shape;
}

}  // namespace gatehouse::config
