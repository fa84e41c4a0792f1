// RuleChoice: which rules an exclusion speaks of: those with an id in a range, or with a tag or message that a regular
// expression finds something in (ModSecurity v2 compares both that way). Used at load and by compile().
#pragma once

#include <optional>
#include <string>

#include "rules/rule.hpp"

namespace gatehouse::filters {

class RuleChoice {
 public:
  RuleChoice(RemoveRules::By by, std::uint32_t first, std::uint32_t last, const std::string& text)
      : by_(by), first_(first), last_(last) {
    if (by == RemoveRules::By::id) return;
    auto pattern = Regex::compile(text);
    if (pattern) pattern_ = std::make_shared<const Regex>(std::move(*pattern));
  }

  bool takes(const Rule& rule) const {
    if (by_ == RemoveRules::By::id) return rule.id >= first_ && rule.id <= last_;
    if (pattern_ == nullptr) return false;
    RegexSpace space;
    if (by_ == RemoveRules::By::message) {
      return rule.message.constant() && pattern_->search(rule.message.text(), space) == Found::yes;
    }
    for (const std::string& tag : rule.tags) {
      if (pattern_->search(tag, space) == Found::yes) return true;
    }
    return false;
  }

 private:
  RemoveRules::By by_;
  std::uint32_t first_, last_;
  std::shared_ptr<const Regex> pattern_;
};

}  // namespace gatehouse::filters
