// Writes one JSON document, indented by two spaces, in the order it is told. The caller keeps objects and arrays
// balanced. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "quote.hpp"

namespace gatehouse::config {

class JsonWriter {
 public:
  void open_object() { open('{'); }
  void close_object() { close('}'); }
  void open_array() { open('['); }
  void close_array() { close(']'); }

  void key(std::string_view name) {
    next();
    out_ += json_quoted(name) + ": ";
    after_key_ = true;
  }
  /// A number, true, false or null, as it stands.
  void raw(std::string_view value) {
    next();
    out_ += value;
  }
  void text(std::string_view value) { raw(json_quoted(value)); }
  void field(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void raw_field(std::string_view name, std::string_view value) {
    key(name);
    raw(value);
  }

  std::string take() { return std::move(out_) + "\n"; }

 private:
  void open(char bracket) {
    next();
    out_ += bracket;
    ++depth_;
    first_ = true;
  }

  void close(char bracket) {
    --depth_;
    if (!first_) new_line();
    out_ += bracket;
    first_ = false;
  }

  /// What separates a value from the one before it.
  void next() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (!first_) out_ += ',';
    if (depth_ > 0) new_line();
    first_ = false;
  }

  void new_line() { out_.append(1, '\n').append(2 * depth_, ' '); }

  std::string out_;
  std::size_t depth_{0};
  bool first_{true};
  bool after_key_{false};
};

}  // namespace gatehouse::config
