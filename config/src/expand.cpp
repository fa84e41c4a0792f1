#include "expand.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

bool is_variable(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_word);
}

/// What stands for `inside`, the part between the braces. As in a shell, `:-` also replaces an empty value.
Result<std::string, Complaint> value_of(std::string_view inside, const Environment& environment) {
  const std::size_t mark = inside.find(":-");
  const std::string_view name = inside.substr(0, mark);
  if (!is_variable(name)) {
    return Failure{Complaint{fmt::format("{} is no name of an environment variable", quote(name)),
                             "write ${NAME} or ${NAME:-default}; a dollar sign itself is '$$'"}};
  }
  std::optional<std::string> value = environment ? environment(name) : std::nullopt;
  if (mark != std::string_view::npos) {
    return value && !value->empty() ? *std::move(value) : std::string(inside.substr(mark + 2));
  }
  if (value) return *std::move(value);
  return Failure{Complaint{fmt::format("environment variable {} is not set", quote(name)),
                           fmt::format("set it, or give a default: ${{{}:-value}}", name)}};
}

}  // namespace

Result<std::string, Complaint> expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        return Failure{Complaint{"'${' has no closing '}'", "a dollar sign itself is '$$'"}};
      }
      GH_TRY(const std::string value, value_of(text.substr(2, end - 2), environment));
      out += value;
      text.remove_prefix(end + 1);
    } else {
      // A dollar that starts nothing stands for itself: path patterns use it.
      out += '$';
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
  }
  return out;
}

}  // namespace gatehouse::config
