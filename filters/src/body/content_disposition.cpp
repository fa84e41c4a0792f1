#include "body/content_disposition.hpp"

#include <optional>

#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {


constexpr std::size_t boundary_bytes_max = 200;  // RFC 2046 5.1.1 allows 70; real clients stay below

void skip_blanks(std::string_view& text) {
  while (!text.empty() && text::is_blank(text.front())) text.remove_prefix(1);
}

std::string_view without_blanks_at_end(std::string_view text) {
  while (!text.empty() && text::is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// RFC 2046 5.1.1, without the space.
bool boundary_character(char c) noexcept {
  return text::is_alnum(c) || std::string_view("'()+_,-./:=?").find(c) != std::string_view::npos;
}

bool usable(std::string_view boundary) noexcept {
  if (boundary.empty() || boundary.size() > boundary_bytes_max) return false;
  for (const char c : boundary) {
    if (!boundary_character(c)) return false;
  }
  return true;
}

struct Parameter {
  std::string_view name;
  std::string_view value;
  bool quoted{false};
  bool blanks{false};  // around the equals sign
};

/// Takes `name=value` off the front of a Content-Type's rest; nothing when it is malformed.
std::optional<Parameter> take_parameter(std::string_view& rest) {
  Parameter parameter;
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  parameter.name = without_blanks_at_end(rest.substr(0, equals));
  parameter.blanks = parameter.name.size() != equals;
  if (parameter.name.find_first_of(" \t;\"") != std::string_view::npos) return std::nullopt;
  rest.remove_prefix(equals + 1);
  const std::size_t size = rest.size();
  skip_blanks(rest);
  parameter.blanks |= rest.size() != size;
  parameter.quoted = !rest.empty() && rest.front() == '"';
  if (!parameter.quoted) {
    const std::size_t end = rest.find(';');
    parameter.value = without_blanks_at_end(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    return parameter;
  }
  const std::size_t close = rest.find('"', 1);
  if (close == std::string_view::npos) return std::nullopt;
  parameter.value = rest.substr(1, close - 1);
  rest.remove_prefix(close + 1);
  return parameter;
}

/// A value in quotes; `rest` starts behind the opening one. Only the quote and the backslash can be escaped: browsers
/// send the backslashes of Windows paths as they are.
bool take_quoted(std::string_view& rest, char quote, std::string& value) {
  while (!rest.empty() && rest.front() != quote) {
    const bool escape = rest.size() > 1 && rest[0] == '\\' && (rest[1] == quote || rest[1] == '\\');
    value += escape ? rest[1] : rest[0];
    rest.remove_prefix(escape ? 2 : 1);
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_value(std::string_view& rest, std::string& value, MultipartFlags& flags) {
  if (rest.empty()) return false;
  const char quote = rest.front();
  if (quote == '"' || quote == '\'') {
    if (quote == '\'') flags.invalid_quoting = true;  // some origins accept it as a quote
    rest.remove_prefix(1);
    return take_quoted(rest, quote, value);
  }
  const std::size_t end = rest.find_first_of(" \t;\"'(),/:<=>?@[\\]{}");
  value = rest.substr(0, end);
  rest.remove_prefix(value.size());
  return true;
}

/// Where the parameter of that name goes; null when it is unknown or was there before.
std::string* slot(std::string_view name, Disposition& disposition) {
  const bool is_name = name == "name";
  bool& seen = is_name ? disposition.has_name : disposition.has_file_name;
  if ((!is_name && name != "filename") || seen) return nullptr;
  seen = true;
  return is_name ? &disposition.name : &disposition.file_name;
}

}  // namespace

std::string read_boundary(std::string_view content_type, MultipartFlags& flags) {
  constexpr std::string_view type = "multipart/form-data";
  if (!text::equals_ignoring_case(content_type.substr(0, type.size()), type)) return {};
  std::string_view rest = content_type.substr(type.size());
  std::string boundary;
  bool found = false;
  for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
    if (rest.front() == ';') {
      rest.remove_prefix(1);
      skip_blanks(rest);
      if (rest.empty()) break;
    } else {
      flags.missing_semicolon = true;
    }
    const auto parameter = take_parameter(rest);
    if (!parameter) return {};
    if (!text::equals_ignoring_case(parameter->name, "boundary")) continue;
    // RFC 2045 5.1 lets the name be written in any case, but no client does, and origins differ over it.
    if (found || parameter->name != "boundary") return {};
    found = true;
    flags.boundary_quoted = parameter->quoted;
    flags.boundary_whitespace = parameter->blanks;
    boundary = parameter->value;
  }
  return usable(boundary) ? boundary : std::string();
}

bool read_disposition(std::string_view value, Disposition& disposition, MultipartFlags& flags) {
  constexpr std::string_view type = "form-data";
  if (value.substr(0, type.size()) != type) return false;
  std::string_view rest = value.substr(type.size());
  for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
    if (rest.front() != ';') {
      flags.invalid_quoting |= rest.front() == '"' || rest.front() == '\'' || rest.find('"') != std::string_view::npos;
      return false;
    }
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (rest.empty()) break;
    const std::size_t name_size = rest.find_first_of("= \t");
    const std::string_view name = rest.substr(0, name_size);
    rest.remove_prefix(name.size());
    const std::size_t size = rest.size();
    skip_blanks(rest);
    if (rest.empty() || rest.front() != '=') return false;
    rest.remove_prefix(1);
    skip_blanks(rest);
    // RFC 9110 5.6.6 has no blanks around the equals sign, so other readers may see another name.
    flags.invalid_quoting |= rest.size() + 1 != size;
    std::string* const into = slot(name, disposition);
    if (into == nullptr || !take_value(rest, *into, flags)) return false;
  }
  return disposition.has_name;
}

}  // namespace gatehouse::filters
