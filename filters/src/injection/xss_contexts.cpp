// detect_xss(): the places in a page that a value may have been put into (text, attribute values in quotes of three
// kinds or none), what it becomes there, and whether that runs script.
#include <algorithm>

#include "injection/detect.hpp"
#include "injection/html_tokenizer.hpp"
#include "injection/xss_rules.hpp"
#include "text/ascii.hpp"

namespace gatehouse::filters {

namespace {

using html::HtmlTokenizer;
using html::Part;
using html::TagKind;
using html::Token;

/// An attribute that stands where the value broke out of another one's value. The tag is not known. In prose quotes are
/// followed by words as well, so a handler has to look like one and hold something.
bool broken_out_attribute_runs(const Token& token, bool unquoted) noexcept {
  if (!token.has_value || token.value.empty() || !text::is_alpha(token.name[0])) return false;
  const bool handler = html::is_event_handler(token.name) || html::looks_like_event_handler(token.name);
  if (handler) return html::looks_like_code(token.value) || (!unquoted && html::is_event_handler(token.name));
  return html::attribute_runs_script(token.name, token.value, TagKind::ordinary);
}

bool style_sheet_runs(std::string_view text) noexcept {
  return text.find_first_of("{@") != std::string_view::npos || html::style_runs_script(text);
}

bool markup_runs(const Token& token) noexcept {
  // Internet Explorer ran conditional comments; XML documents name style sheets in instructions.
  if (token.part == Part::comment) return text::equals_ignoring_case(token.name.substr(0, 3), "[if");
  return text::equals_ignoring_case(token.name.substr(0, 14), "xml-stylesheet") ||
         text::equals_ignoring_case(token.name.substr(0, 6), "import");
}

/// Reads on to the end; true at the first thing that runs script. `outside` is true while the tag that the value broke
/// out into lasts.
bool runs_script(HtmlTokenizer tokenizer, bool outside, bool unquoted) noexcept {
  TagKind tag = TagKind::ordinary;
  bool end_tag = false;
  for (Token token = tokenizer.next(); token.part != Part::finish; token = tokenizer.next()) {
    switch (token.part) {
      case Part::tag:
        tag = html::kind_of_tag(token.name);
        outside = end_tag = false;
        if (tag == TagKind::script) return true;
        break;
      case Part::end_tag:
        end_tag = true;
        outside = false;
        break;
      case Part::attribute:
        if (end_tag) break;
        if (outside ? broken_out_attribute_runs(token, unquoted)
                    : token.has_value && html::attribute_runs_script(token.name, token.value, tag)) {
          return true;
        }
        break;
      case Part::tag_closed:
        if (tag == TagKind::style && !end_tag && style_sheet_runs(tokenizer.text_ahead())) return true;
        tag = TagKind::ordinary;
        outside = false;
        break;
      default:
        if (markup_runs(token)) return true;
        break;
    }
  }
  return false;
}

bool runs_in_quotes(std::string_view value, char quote) noexcept {
  const std::size_t at = value.find(quote);
  return at != std::string_view::npos && value.find('=', at) != std::string_view::npos && runs_script(HtmlTokenizer(value, at + 1, true), true, false);
}

/// As the value of an attribute without quotes the value ends at its first blank.
bool runs_unquoted(std::string_view value) noexcept {
  const std::size_t at = value.find_first_of(" \t\r\n\f/");
  return at != std::string_view::npos && runs_script(HtmlTokenizer(value, at, true), true, true);
}

}  // namespace

bool detect_xss(std::string_view value) noexcept {
  // Markup needs a <, an attribute an =, a URL a colon (or a reference to one).
  bool angle = false, equals = false, colon = false;
  for (const char c : value) {
    angle |= c == '<';
    equals |= c == '=';
    colon |= c == ':' || c == '&';
  }
  if (angle && runs_script(HtmlTokenizer(value, 0, false), false, false)) return true;
  if (colon && html::is_bare_script_url(value)) return true;
  if (!equals) return false;
  return runs_in_quotes(value, '"') || runs_in_quotes(value, '\'') || runs_in_quotes(value, '`') || runs_unquoted(value);
}

}  // namespace gatehouse::filters
