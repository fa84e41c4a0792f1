#include "gateway/admin/json_write.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "gateway/observe/json_text.hpp"

namespace gatehouse::admin {
namespace {

namespace json = boost::json;

constexpr double exact_max = 9007199254740992.0;  // 2^53: whole numbers up to here are exact

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";  // JSON has no word for it
  } else if (std::trunc(value) == value && std::abs(value) <= exact_max) {
    out += fmt::format("{}", static_cast<std::int64_t>(value));
  } else {
    out += fmt::format("{}", value);
  }
}

void append(std::string& out, const json::value& value);

void append_object(std::string& out, const json::object& object) {
  out += '{';
  bool first = true;
  for (const auto& member : object) {
    if (!first) out += ',';
    first = false;
    observe::append_json_string(out, std::string_view(member.key()));
    out += ':';
    append(out, member.value());
  }
  out += '}';
}

void append_array(std::string& out, const json::array& array) {
  out += '[';
  bool first = true;
  for (const json::value& element : array) {
    if (!first) out += ',';
    first = false;
    append(out, element);
  }
  out += ']';
}

void append(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: out += std::to_string(value.get_int64()); break;
    case json::kind::uint64: out += std::to_string(value.get_uint64()); break;
    case json::kind::double_: append_number(out, value.get_double()); break;
    case json::kind::string: observe::append_json_string(out, std::string_view(value.get_string())); break;
    case json::kind::array: append_array(out, value.get_array()); break;
    case json::kind::object: append_object(out, value.get_object()); break;
  }
}

}  // namespace

std::string write_json(const json::value& document) {
  std::string out;
  append(out, document);
  out += '\n';
  return out;
}

}  // namespace gatehouse::admin
