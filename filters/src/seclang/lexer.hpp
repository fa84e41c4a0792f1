// Lexer: text in ModSecurity's language to directives with their arguments. Lines that end in a backslash are joined;
// each character of an argument still knows its line and column. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/filters/problem.hpp"

namespace gatehouse::filters::seclang {

struct Position {
  std::uint32_t line{0};
  std::uint32_t column{0};
};

/// A piece of text and where each of its characters stood.
class Text {
 public:
  void add(char c, Position at) { text_ += c, places_.push_back(at); }
  void set_start(Position at) noexcept { start_ = at; }
  const std::string& string() const noexcept { return text_; }
  std::string_view view() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }
  Position at(std::size_t offset) const noexcept {
    if (places_.empty()) return start_;
    return offset < places_.size() ? places_[offset] : places_.back();
  }
  Text part(std::size_t from, std::size_t size) const;

 private:
  std::string text_;
  std::vector<Position> places_;
  Position start_;
};

struct Directive {
  Text name;
  std::vector<Text> arguments;
};

/// The directives of a file. Unclosed quotes are reported; the rest is read all the same.
std::vector<Directive> lex(std::string_view text, const std::string& file, Problems& problems);

}  // namespace gatehouse::filters::seclang
