// Arbitrary bytes as a configuration file. load_text() opens no file and runs no command; the environment is a fixed
// one. What loads must be shown, compared with itself and rendered without a surprise.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/config/describe.hpp"
#include "gatehouse/config/diff.hpp"
#include "gatehouse/config/load.hpp"

using namespace gatehouse::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Problems warnings;
  LoadOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    return name == "PORT" ? std::optional<std::string>("9001") : std::nullopt;
  };
  options.bytes_max = 64 * 1024;
  options.warnings = &warnings;
  const auto loaded = load_text(text, "fuzz.yaml", options);
  if (!loaded) {
    // A refusal has a reason, and both renderings of it have text.
    if (loaded.error().errors() == 0 || to_text(loaded.error()).empty() || to_json(loaded.error()).empty()) std::abort();
    return 0;
  }
  if (warnings.errors() != 0 || !diff(*loaded, *loaded).empty() || to_json(*loaded).empty()) std::abort();
  return 0;
}
