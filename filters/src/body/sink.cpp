#include "body/sink.hpp"

namespace gatehouse::filters {

std::string_view to_text(BodyError error) noexcept {
  switch (error) {
    case BodyError::none: return "";
    case BodyError::malformed: return "the body breaks the grammar of its format";
    case BodyError::truncated: return "the body ends in the middle";
    case BodyError::too_many_arguments: return "the body has more arguments or parts than the limit allows";
    case BodyError::too_deep: return "the body is nested deeper than the limit allows";
    case BodyError::too_large: return "a name, value or header in the body is larger than the limit allows";
    case BodyError::no_boundary: return "the Content-Type has no usable boundary";
    case BodyError::declares_entity: return "the XML document declares an entity";
    case BodyError::bad_coding: return "the body is not in the coding that Content-Encoding names";
    case BodyError::unknown_coding: return "the Content-Encoding cannot be undone";
  }
  return "";
}

}  // namespace gatehouse::filters
