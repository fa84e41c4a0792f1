// Pattern: a listener rule's host or path pattern with `*` (any characters) and `?` (exactly one), compiled to the
// literals between the stars, so that a match is a handful of comparisons and at most one search a star: linear in the
// text for any pattern (aws-alb: host-header, path-pattern). Immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::proxy {

class Pattern {
 public:
  enum class Case : bool { sensitive, insensitive };

  Pattern(std::string_view text, Case letter_case);

  bool matches(std::string_view text) const noexcept;
  const std::string& text() const noexcept { return text_; }

 private:
  /// Whether `literal` (with `?`) stands at the start of `text`, which is long enough.
  bool stands_at(const std::string& literal, std::string_view text) const noexcept;

  std::string text_;
  std::vector<std::string> literals_;  // between the stars; the first is anchored at the start, the last at the end
  std::size_t size_min_{0};
  bool insensitive_;
};

}  // namespace gatehouse::proxy
