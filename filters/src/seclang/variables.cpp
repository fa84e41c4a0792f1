#include "seclang/variables.hpp"

#include <array>

#include "core/ascii.hpp"
#include "core/suggest.hpp"

namespace gatehouse::filters::seclang {

namespace {

using enum Field;
constexpr bool keyed = true;

constexpr auto kinds = std::to_array<VariableKind>({
    {"ARGS", fields(args_get, args_post), "", keyed},
    {"ARGS_COMBINED_SIZE", fields(args_combined_size), "", false},
    {"ARGS_GET", fields(args_get), "", keyed},
    {"ARGS_GET_NAMES", fields(args_get_names), "", keyed},
    {"ARGS_NAMES", fields(args_get_names, args_post_names), "", keyed},
    {"ARGS_POST", fields(args_post), "", keyed},
    {"ARGS_POST_NAMES", fields(args_post_names), "", keyed},
    {"DURATION", fields(duration), "", false},
    {"ENV", fields(env), "", keyed},
    {"FILES", fields(files), "", keyed},
    {"FILES_COMBINED_SIZE", fields(files_combined_size), "", false},
    {"FILES_NAMES", fields(files_names), "", keyed},
    {"FILES_SIZES", fields(files_sizes), "", keyed},
    {"GEO", fields(geo), "", keyed},
    {"GLOBAL", fields(global), "", keyed},
    {"HIGHEST_SEVERITY", fields(highest_severity), "", false},
    {"IP", fields(ip), "", keyed},
    {"MATCHED_VAR", fields(matched_var), "", false},
    {"MATCHED_VAR_NAME", fields(matched_var_name), "", false},
    {"MATCHED_VARS", fields(matched_vars), "", keyed},
    {"MATCHED_VARS_NAMES", fields(matched_vars_names), "", keyed},
    {"MULTIPART_BOUNDARY_QUOTED", fields(multipart_flags), "boundary_quoted", false},
    {"MULTIPART_BOUNDARY_WHITESPACE", fields(multipart_flags), "boundary_whitespace", false},
    {"MULTIPART_CRLF_LF_LINES", fields(multipart_flags), "crlf_lf_lines", false},
    {"MULTIPART_DATA_AFTER", fields(multipart_flags), "data_after", false},
    {"MULTIPART_DATA_BEFORE", fields(multipart_flags), "data_before", false},
    {"MULTIPART_FILE_LIMIT_EXCEEDED", fields(multipart_flags), "file_limit_exceeded", false},
    {"MULTIPART_HEADER_FOLDING", fields(multipart_flags), "header_folding", false},
    {"MULTIPART_INVALID_HEADER_FOLDING", fields(multipart_flags), "invalid_header_folding", false},
    {"MULTIPART_INVALID_PART", fields(multipart_flags), "invalid_part", false},
    {"MULTIPART_INVALID_QUOTING", fields(multipart_flags), "invalid_quoting", false},
    {"MULTIPART_LF_LINE", fields(multipart_flags), "lf_line", false},
    {"MULTIPART_MISSING_SEMICOLON", fields(multipart_flags), "missing_semicolon", false},
    {"MULTIPART_PART_HEADERS", fields(multipart_part_headers), "", keyed},
    {"MULTIPART_SEMICOLON_MISSING", fields(multipart_flags), "semicolon_missing", false},
    {"MULTIPART_STRICT_ERROR", fields(multipart_flags), "strict_error", false},
    {"MULTIPART_UNMATCHED_BOUNDARY", fields(multipart_flags), "unmatched_boundary", false},
    {"QUERY_STRING", fields(query_string), "", false},
    {"REMOTE_ADDR", fields(remote_addr), "", false},
    {"REQBODY_ERROR", fields(reqbody_error), "", false},
    {"REQBODY_ERROR_MSG", fields(reqbody_error_msg), "", false},
    {"REQBODY_PROCESSOR", fields(reqbody_processor), "", false},
    {"REQBODY_PROCESSOR_ERROR", fields(reqbody_error), "", false},
    {"REQBODY_PROCESSOR_ERROR_MSG", fields(reqbody_error_msg), "", false},
    {"REQUEST_BASENAME", fields(request_basename), "", false},
    {"REQUEST_BODY", fields(request_body), "", false},
    {"REQUEST_BODY_LENGTH", fields(request_body_length), "", false},
    {"REQUEST_COOKIES", fields(request_cookies), "", keyed},
    {"REQUEST_COOKIES_NAMES", fields(request_cookies_names), "", keyed},
    {"REQUEST_FILENAME", fields(request_filename), "", false},
    {"REQUEST_HEADERS", fields(request_headers), "", keyed},
    {"REQUEST_HEADERS_NAMES", fields(request_headers_names), "", keyed},
    {"REQUEST_LINE", fields(request_line), "", false},
    {"REQUEST_METHOD", fields(request_method), "", false},
    {"REQUEST_PROTOCOL", fields(request_protocol), "", false},
    {"REQUEST_URI", fields(request_uri), "", false},
    {"REQUEST_URI_RAW", fields(request_uri_raw), "", false},
    {"RESOURCE", fields(resource), "", keyed},
    {"RESPONSE_BODY", fields(response_body), "", false},
    {"RESPONSE_CONTENT_LENGTH", fields(response_content_length), "", false},
    {"RESPONSE_CONTENT_TYPE", fields(response_content_type), "", false},
    {"RESPONSE_HEADERS", fields(response_headers), "", keyed},
    {"RESPONSE_HEADERS_NAMES", fields(response_headers_names), "", keyed},
    {"RESPONSE_PROTOCOL", fields(response_protocol), "", false},
    {"RESPONSE_STATUS", fields(response_status), "", false},
    {"RULE", fields(rule), "", keyed},
    {"SERVER_NAME", fields(server_name), "", false},
    {"SESSION", fields(session), "", keyed},
    {"TIME_DAY", fields(clock), "day", false},
    {"TIME_EPOCH", fields(clock), "epoch", false},
    {"TIME_HOUR", fields(clock), "hour", false},
    {"TIME_MIN", fields(clock), "min", false},
    {"TIME_MON", fields(clock), "mon", false},
    {"TIME_SEC", fields(clock), "sec", false},
    {"TIME_WDAY", fields(clock), "wday", false},
    {"TIME_YEAR", fields(clock), "year", false},
    {"TX", fields(tx), "", keyed},
    {"UNIQUE_ID", fields(unique_id), "", false},
    {"URLENCODED_ERROR", fields(urlencoded_error), "", false},
    {"USER", fields(user), "", keyed},
    {"XML", fields(xml_text, xml_attributes), "", keyed},
});

/// A list of targets, read from left to right.
class TargetReader {
 public:
  TargetReader(const Text& text, const Report& report) : text_(text), report_(report) {}

  Targets read() {
    Targets targets;
    while (at_ <= text_.view().size()) {
      const std::size_t start = at_;
      const bool excluded = take('!');
      Target target;
      target.count = take('&');
      if (one(target, start)) (excluded ? targets.excluded : targets.selected).push_back(std::move(target));
      if (at_ < text_.view().size() && text_.view()[at_] != '|') skip_to_bar();
      if (at_ >= text_.view().size()) break;
      ++at_;
    }
    return targets;
  }

 private:
  bool take(char c) noexcept {
    while (at_ < text_.view().size() && is_blank(text_.view()[at_])) ++at_;
    const bool there = at_ < text_.view().size() && text_.view()[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }
  void skip_to_bar() noexcept { at_ = std::min(text_.view().find('|', at_), text_.view().size()); }

  bool one(Target& target, std::size_t start) {
    const std::size_t end = std::min(text_.view().find_first_of(":|", at_), text_.view().size());
    const std::string_view name = trimmed(text_.view().substr(at_, end - at_));
    const Position place = text_.at(start);
    at_ = end;
    const VariableKind* kind = find_variable(name);
    if (kind == nullptr) {
      if (name.empty()) {
        report_.error(place, "a variable is missing here");
      } else {
        report_.error(place, "unknown variable '" + std::string(name) + "'", suggest(name, variable_names()));
      }
      skip_to_bar();
      return false;
    }
    target.fields = kind->fields;
    target.name = kind->name;
    if (!kind->key.empty()) target.select = Select::key, target.key = kind->key;
    if (at_ == text_.view().size() || text_.view()[at_] != ':') return !(is_xml(*kind) && needs_path(place));
    ++at_;
    if (!kind->takes_key) {
      report_.error(text_.at(at_), std::string(kind->name) + " is one value and has no members to choose from");
      skip_to_bar();
      return false;
    }
    return is_xml(*kind) ? path(target) : selector(target);
  }

  static bool is_xml(const VariableKind& kind) noexcept { return holds(kind.fields, Field::xml_text); }
  bool needs_path(Position place) const {
    report_.error(place, "XML needs a path", "XML:/* is the text of all elements, XML://@* all attributes");
    return true;
  }

  bool path(Target& target) {
    const std::size_t start = at_;
    skip_to_bar();
    const std::string_view path = trimmed(text_.view().substr(start, at_ - start));
    if (path == "/*") {
      target.fields = fields(Field::xml_text);
    } else if (path == "//@*") {
      target.fields = fields(Field::xml_attributes);
    } else {
      report_.error(text_.at(start), "the path '" + std::string(path) + "' is not supported",
                    "XML:/* is the text of all elements, XML://@* all attributes");
      return false;
    }
    return true;
  }

  bool selector(Target& target) {
    const bool quoted = at_ < text_.view().size() && text_.view()[at_] == '\'';
    const std::size_t start = at_ + (quoted ? 1 : 0);
    const bool expression = start < text_.view().size() && text_.view()[start] == '/';
    std::string key;
    at_ = start;
    if (expression) {
      ++at_;
      if (!take_expression(key, start)) return false;
    } else {
      const std::size_t end = std::min(text_.view().find(quoted ? '\'' : '|', at_), text_.view().size());
      key = trimmed(text_.view().substr(at_, end - at_));
      at_ = end;
    }
    if (quoted && at_ < text_.view().size() && text_.view()[at_] == '\'') ++at_;
    return expression ? choose_pattern(target, std::move(key), start) : choose_key(target, key, start);
  }

  /// The text up to the slash that ends it; \/ is a slash.
  bool take_expression(std::string& key, std::size_t start) {
    const std::string_view text = text_.view();
    for (; at_ < text.size(); ++at_) {
      if (text[at_] == '/') return ++at_, true;
      if (text[at_] == '\\' && at_ + 1 < text.size()) {
        if (text[at_ + 1] != '/') key += '\\';
        ++at_;
      }
      key += text[at_];
    }
    report_.error(text_.at(start), "the expression is not closed by a slash");
    return false;
  }

  bool choose_key(Target& target, const std::string& key, std::size_t start) {
    if (key.empty()) {
      report_.error(text_.at(start), "the member's name is missing after the colon");
      return false;
    }
    target.select = Select::key;
    target.key = lowered(key);
    return true;
  }
  bool choose_pattern(Target& target, std::string key, std::size_t start) {
    auto pattern = Regex::compile(key, Regex::Case::ignored);
    if (!pattern) {
      report_.error(text_.at(start + 1 + pattern.error().offset), "bad expression: " + pattern.error().message);
      return false;
    }
    pattern->quicken();
    target.select = Select::pattern;
    target.key = std::move(key);
    target.pattern = std::make_shared<const Regex>(std::move(*pattern));
    return true;
  }

  const Text& text_;
  const Report& report_;
  std::size_t at_{0};
};

Reference reference_of(const VariableKind& kind, std::string_view key) {
  Reference reference;
  reference.fields = kind.fields;
  reference.name = kind.name;
  reference.key = lowered(kind.key.empty() ? key : kind.key);
  return reference;
}

}  // namespace

const VariableKind* find_variable(std::string_view name) noexcept {
  for (const VariableKind& kind : kinds) {
    if (same_letters(kind.name, name)) return &kind;
  }
  return nullptr;
}

std::vector<std::string_view> variable_names() {
  std::vector<std::string_view> names;
  for (const VariableKind& kind : kinds) names.push_back(kind.name);
  return names;
}

Targets parse_targets(const Text& text, const Report& report) { return TargetReader(text, report).read(); }

Template parse_template(const Text& text, const Report& report) {
  Template result;
  std::string_view view = text.view();
  std::size_t at = 0;
  while (at < view.size()) {
    const std::size_t open = view.find("%{", at);
    const std::size_t close = open == std::string_view::npos ? open : view.find('}', open);
    if (close == std::string_view::npos) break;
    result.add(std::string(view.substr(at, open - at)));
    const std::string_view inside = view.substr(open + 2, close - open - 2);
    const std::size_t dot = inside.find_first_of(".:");
    const std::string_view name = inside.substr(0, dot);
    if (const VariableKind* kind = find_variable(name)) {
      result.add(reference_of(*kind, dot == std::string_view::npos ? std::string_view() : inside.substr(dot + 1)));
    } else {
      report.error(text.at(open + 2), "unknown variable '" + std::string(name) + "' in %{...}",
                   suggest(name, variable_names()));
    }
    at = close + 1;
  }
  result.add(std::string(view.substr(std::min(at, view.size()))));
  return result;
}

}  // namespace gatehouse::filters::seclang
