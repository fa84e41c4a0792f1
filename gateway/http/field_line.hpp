// field_of_line(): a field made of a line that the gateway has written itself. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::http {

/// The field whose whole line, `name: value CRLF`, is `text`, which must outlive it.
inline Field field_of_line(std::string_view text, std::size_t name_size) noexcept {
  Field field;
  field.line = text.data();
  field.name_size = static_cast<std::uint16_t>(name_size);
  field.value_offset = static_cast<std::uint16_t>(name_size + 2);
  field.value_size = static_cast<std::uint32_t>(text.size() - name_size - 4);
  field.kind = field_kind(field.name());
  field.canonical = true;
  return field;
}

}  // namespace gatehouse::http
