#include "gatehouse/filters/request_view.hpp"

namespace gatehouse::filters {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view FieldsView::find(std::string_view name) const noexcept {
  if (at_ == nullptr) return {};
  FieldView field;
  for (std::uint32_t index = 0; at_(context_, index, field); ++index) {
    if (same_name(field.name, name)) return field.value;
  }
  return {};
}

}  // namespace gatehouse::filters
