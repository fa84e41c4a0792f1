// Urlencoded bodies: the same findings however the body is cut, and never more than the limits allow.
#include <cstdint>
#include <cstdlib>

#include "tests/unit/filters/body/recorder.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t first = std::min<std::size_t>(data[0], body.size()), step = 1u + data[1];
  Recorder sink;
  const auto parser = parser_for("urlencoded", sink);
  if (run(*parser, sink, body, first, step) != read("urlencoded", body)) std::abort();
  return 0;
}
