// Multipart bodies under several Content-Types: the same findings however the body is cut. The input is two bytes for the
// cuts, the Content-Type up to a newline, and the body.
#include <cstdint>
#include <cstdlib>

#include "tests/unit/filters/body/recorder.hpp"

using namespace gatehouse::filters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t line = std::min(rest.find('\n'), rest.size());
  // Mostly an ordinary boundary: finding one by chance takes the fuzzer too long.
  const bool ordinary = line < 20;
  const std::string type = ordinary ? "multipart/form-data; boundary=xx" : std::string(rest.substr(0, line));
  const std::string_view body = rest.substr(ordinary ? 0 : line);
  const std::size_t first = std::min<std::size_t>(data[0], body.size()), step = 1u + data[1];
  Recorder sink;
  const auto parser = parser_for(type, sink);
  const std::string cut = run(*parser, sink, body, first, step);
  if (cut != read(type, body)) std::abort();
  const auto& multipart = static_cast<const MultipartParser&>(*parser);
  if (parser->error() == BodyError::none && multipart.bytes_in_files() + multipart.bytes_outside_files() != body.size()) {
    std::abort();
  }
  return 0;
}
