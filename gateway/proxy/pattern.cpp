#include "gateway/proxy/pattern.hpp"

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::proxy {
namespace {


}  // namespace

Pattern::Pattern(std::string_view text, Case letter_case) : text_(text), insensitive_(letter_case == Case::insensitive) {
  literals_.emplace_back();
  for (const char c : text) {
    if (c == '*') {
      if (literals_.size() > 1 && literals_.back().empty()) continue;  // two stars are one
      literals_.emplace_back();
    } else {
      literals_.back() += insensitive_ ? filters::lower(c) : c;
      ++size_min_;
    }
  }
}

bool Pattern::stands_at(const std::string& literal, std::string_view text) const noexcept {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = insensitive_ ? filters::lower(text[i]) : text[i];
    if (literal[i] != c && literal[i] != '?') return false;
  }
  return true;
}

// The leftmost place of each inner literal is always as good as any other, so there is nothing to go back to.
bool Pattern::matches(std::string_view text) const noexcept {
  if (text.size() < size_min_) return false;
  const std::string& first = literals_.front();
  if (!stands_at(first, text)) return false;
  if (literals_.size() == 1) return text.size() == first.size();
  text.remove_prefix(first.size());

  const std::string& last = literals_.back();
  if (text.size() < last.size() || !stands_at(last, text.substr(text.size() - last.size()))) return false;
  text.remove_suffix(last.size());

  for (std::size_t i = 1; i + 1 < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    while (text.size() >= literal.size() && !stands_at(literal, text)) text.remove_prefix(1);
    if (text.size() < literal.size()) return false;
    text.remove_prefix(literal.size());
  }
  return true;
}

}  // namespace gatehouse::proxy
