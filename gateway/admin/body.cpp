#include "gateway/admin/body.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include "gateway/admin/suggest.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

/// Counts the members of the outermost object as they stand in the text: the tree keeps only the last of two with one
/// name. The names are those that basic_parser calls.
struct MemberCounter {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Error = json::error_code;

  std::size_t depth{0};
  std::size_t members{0};

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return ++depth, true; }
  bool on_object_end(std::size_t, Error&) { return --depth, true; }
  bool on_array_begin(Error&) { return ++depth, true; }
  bool on_array_end(std::size_t, Error&) { return --depth, true; }
  bool on_key_part(json::string_view, std::size_t, Error&) { return true; }
  bool on_key(json::string_view, std::size_t, Error&) { return members += depth == 1 ? 1 : 0, true; }
  bool on_string_part(json::string_view, std::size_t, Error&) { return true; }
  bool on_string(json::string_view, std::size_t, Error&) { return true; }
  bool on_number_part(json::string_view, Error&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Error&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Error&) { return true; }
  bool on_double(double, json::string_view, Error&) { return true; }
  bool on_bool(bool, Error&) { return true; }
  bool on_null(Error&) { return true; }
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }
};

std::size_t count_members(std::string_view text) {
  json::basic_parser<MemberCounter> parser((json::parse_options()));
  json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().members;
}

/// application/json, or a type that ends in +json; parameters do not matter.
bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  std::string lower(type);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower == "application/json" || lower == "application/merge-patch+json";
}

Answer wrong_type(const Request& request) {
  Answer answer = problem(415, "the content must be application/json, not \"" + request.content_type + "\"");
  // RFC 5789 2.2 and RFC 9110 15.5.16: say what would be taken.
  const bool patch = request.method == "PATCH";
  answer.fields.emplace_back(patch ? "Accept-Patch" : "Accept", "application/json");
  return answer;
}

}  // namespace

void BodyErrors::add(std::string_view member, std::string detail) {
  errors_.push_back(BodyError{member.empty() ? std::string() : "/" + std::string(member), std::move(detail)});
}

Answer BodyErrors::answer() const {
  std::string detail = errors_.front().detail;
  if (errors_.size() > 1) detail += " (and " + std::to_string(errors_.size() - 1) + " more)";
  return problem(422, detail, errors_);
}

Result<json::object, Answer> read_object(const Request& request, std::initializer_list<std::string_view> known) {
  if (!is_json(request.content_type)) return Failure{wrong_type(request)};
  json::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  json::value value = json::parse(request.body, error, {}, options);
  if (error) return Failure{problem(400, "the content is not valid JSON: " + error.message())};
  if (!value.is_object()) return Failure{problem(422, "the content must be a JSON object")};
  json::object object = std::move(value.as_object());
  if (count_members(request.body) != object.size()) {
    return Failure{problem(400, "the content names a member twice")};
  }
  const std::vector<std::string> names(known.begin(), known.end());
  BodyErrors errors;
  for (const auto& member : object) {
    const std::string name(member.key());
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    errors.add(name, "unknown member \"" + name + "\"" + did_you_mean(name, names));
  }
  if (!errors.empty()) return Failure{errors.answer()};
  return object;
}

Result<void, Answer> read_nothing(const Request& request) {
  if (request.body.empty()) return {};
  const auto object = read_object(request, {});
  if (!object) return Failure{object.error()};
  return {};
}

}  // namespace gatehouse::admin
