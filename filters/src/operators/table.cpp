#include <array>

#include "core/ascii.hpp"
#include "operators/makers.hpp"

namespace gatehouse::filters {

namespace {

constexpr std::array operator_kinds{
    OperatorKind{"rx", make_rx},
    OperatorKind{"pm", make_pm},
    OperatorKind{"pmFromFile", make_pm_from_file},
    OperatorKind{"pmf", make_pm_from_file},
    OperatorKind{"eq", make_eq},
    OperatorKind{"ne", make_ne},
    OperatorKind{"ge", make_ge},
    OperatorKind{"gt", make_gt},
    OperatorKind{"le", make_le},
    OperatorKind{"lt", make_lt},
    OperatorKind{"within", make_within},
    OperatorKind{"contains", make_contains},
    OperatorKind{"containsWord", make_contains_word},
    OperatorKind{"streq", make_streq},
    OperatorKind{"strmatch", make_strmatch},
    OperatorKind{"beginsWith", make_begins_with},
    OperatorKind{"endsWith", make_ends_with},
    OperatorKind{"validateByteRange", make_validate_byte_range},
    OperatorKind{"validateUrlEncoding", make_validate_url_encoding},
    OperatorKind{"validateUtf8Encoding", make_validate_utf8_encoding},
    OperatorKind{"ipMatch", make_ip_match},
    OperatorKind{"ipMatchFromFile", make_ip_match_from_file},
    OperatorKind{"ipMatchF", make_ip_match_from_file},
    OperatorKind{"unconditionalMatch", make_unconditional_match},
    OperatorKind{"noMatch", make_no_match},
    OperatorKind{"detectSQLi", make_detect_sqli},
    OperatorKind{"detectXSS", make_detect_xss},
    OperatorKind{"geoLookup", make_geo_lookup},
    OperatorKind{"rbl", make_rbl},
};

}  // namespace

const OperatorKind* find_operator(std::string_view name) noexcept {
  for (const OperatorKind& kind : operator_kinds) {
    if (same_letters(kind.name, name)) return &kind;
  }
  return nullptr;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const OperatorKind& kind : operator_kinds) names.push_back(kind.name);
  return names;
}

}  // namespace gatehouse::filters
