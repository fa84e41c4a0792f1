// ASCII letters without regard to case, as names of header fields, variables and the like are compared. Bytes outside
// ASCII are left alone, and the C library's locale is never asked. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::filters {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool same_letters(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

}  // namespace gatehouse::filters
