// Matcher: which statuses a health check takes for success, as the configuration writes it: "200", "200,202",
// "200-299" or a mix. Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class Matcher {
 public:
  /// 200 alone.
  Matcher() = default;
  /// Nothing when the text is not a list of statuses (100-599) and ranges.
  static std::optional<Matcher> parse(std::string_view text);

  bool matches(unsigned status) const noexcept;

 private:
  struct Range {
    std::uint16_t first;
    std::uint16_t last;
  };
  std::vector<Range> ranges_{{200, 200}};
};

}  // namespace gatehouse::upstream
