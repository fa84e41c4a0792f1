// Cross-site scripting detection on any bytes: total, and markup that was found stays found behind any text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "injection/detect.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value(reinterpret_cast<const char*>(data), size);
  (void)detect_xss(value);
  // Text without markup in front, closed by a tag's end: whatever it was in, a script tag follows in text.
  const bool inside_quotes = value.find_first_of("\"'<") != std::string::npos;
  if (!inside_quotes && !detect_xss(value + "><script>x")) std::abort();
  return 0;
}
