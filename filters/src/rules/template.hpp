// Template: text with references that are filled in while rules run, such as "score %{tx.score}". A front end makes it
// from its own syntax; the program gives references their slots. Immutable after compilation.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/fields.hpp"

namespace gatehouse::filters {

inline constexpr std::int32_t no_slot = -1;

/// One member of a field by key; an empty key means the first member.
struct Reference {
  FieldSet fields{0};
  std::string name;  // how it is called in logs
  std::string key;   // lower-case
  std::int32_t slot{no_slot};  // of a tx variable; set by compile()
};

class Template {
 public:
  struct Part {
    std::string text;  // when `is_text`
    Reference reference;
    bool is_text{true};
  };

  Template() = default;
  explicit Template(std::string text) { add(std::move(text)); }

  void add(std::string text) {
    if (text.empty()) return;
    if (!parts_.empty() && parts_.back().is_text) {
      parts_.back().text += text;
    } else {
      parts_.push_back({std::move(text), {}, true});
    }
  }
  void add(Reference reference) { parts_.push_back({{}, std::move(reference), false}); }

  /// Whether it holds no reference.
  bool constant() const noexcept { return parts_.empty() || (parts_.size() == 1 && parts_[0].is_text); }
  /// The text of a constant template.
  std::string_view text() const noexcept { return parts_.empty() ? std::string_view() : std::string_view(parts_[0].text); }
  bool empty() const noexcept { return parts_.empty(); }
  std::vector<Part>& parts() noexcept { return parts_; }
  const std::vector<Part>& parts() const noexcept { return parts_; }

 private:
  std::vector<Part> parts_;
};

}  // namespace gatehouse::filters
