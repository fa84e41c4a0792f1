#include "gateway/control_http/message.hpp"

#include <algorithm>

#include "gatehouse/filters/letters.hpp"

namespace gatehouse::control_http {
namespace {


bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return filters::lower(x) == filters::lower(y); });
}

}  // namespace

const std::string* Request::find(std::string_view name) const noexcept {
  for (const auto& [own, value] : fields) {
    if (same_name(own, name)) return &value;
  }
  return nullptr;
}

std::size_t Request::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(fields, [&](const auto& field) { return same_name(field.first, name); }));
}

}  // namespace gatehouse::control_http
