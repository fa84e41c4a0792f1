#include "gatehouse/filters/request_view.hpp"

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::filters {

std::string_view FieldsView::find(std::string_view name) const noexcept {
  if (at_ == nullptr) return {};
  FieldView field;
  for (std::uint32_t index = 0; at_(context_, index, field); ++index) {
    if (same_letters(field.name, name)) return field.value;
  }
  return {};
}

}  // namespace gatehouse::filters
