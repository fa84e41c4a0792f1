// Every transformation on any bytes: total, inside its room, the identity wherever is_identity() says so.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/utf8.hpp"
#include "transforms/transforms.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const ByteClasses classes = classify(value);
  for (unsigned i = 0; i < transform_count; ++i) {
    Scratch out, next;  // fresh ones, so that the sanitizer sees a write past the room
    const auto transform = static_cast<Transform>(i);
    const std::string_view result = apply(transform, value, out);
    if (is_identity(transform, classes) && result.data() != value.data()) std::abort();
    if (result == value && result.data() != value.data()) std::abort();
    // The classes of the result must hold for the result, too.
    if (is_identity(Transform::lowercase, classify(apply(Transform::lowercase, result, next))) == false) std::abort();
  }
  (void)text::is_valid_utf8(value);
  return 0;
}
