// Forms of what an exclusion of a web ACL names: rules, and parts of a request.
#include <fmt/format.h>

#include <algorithm>

#include "formats.hpp"
#include "quantities.hpp"
#include "quote.hpp"
#include "words.hpp"

namespace gatehouse::config {
namespace {

/// What may stand inside a rule's action without ending it.
bool is_tag_character(char c) { return is_word(c) || c == '-' || c == '/' || c == '.' || c == ':'; }

std::optional<Complaint> check_rule_choice(std::string& value) {
  const Complaint bad{fmt::format("{} names no rules", quote(value)),
                      "an id such as '942100', a range such as '942100-942199', or 'tag:attack-sqli'"};
  if (value.starts_with("tag:")) {
    const std::string_view tag = std::string_view(value).substr(4);
    return !tag.empty() && std::all_of(tag.begin(), tag.end(), is_tag_character) ? std::nullopt : std::optional(bad);
  }
  const std::size_t dash = value.find('-');
  const auto first = parse_whole(std::string_view(value).substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_whole(std::string_view(value).substr(dash + 1));
  constexpr std::uint64_t id_max = 4'294'967'295;
  if (!first || !last || *first == 0 || *first > *last || *last > id_max) return bad;
  return std::nullopt;
}

std::optional<Complaint> check_inspected_part(std::string& value) {
  // Blanks, quotes, commas, semicolons and bars would end it inside a rule.
  constexpr std::string_view ends = " \t\"',;|\\";
  if (value.find_first_of(ends) == std::string::npos) return std::nullopt;
  return Complaint{fmt::format("{} is no name of a parameter", quote(value)),
                   "a name such as 'comment', or a part such as 'REQUEST_COOKIES:session' or 'REQUEST_HEADERS:Referer'"};
}

}  // namespace

const Format rule_choice{"rules", "`942100`, `942100-942199` or `tag:attack-sqli`", 1, 128, check_rule_choice};
const Format inspected_part{"part of a request", "`comment`, `REQUEST_COOKIES:session`", 1, 128, check_inspected_part};

}  // namespace gatehouse::config
