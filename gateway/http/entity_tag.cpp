#include "gateway/http/entity_tag.hpp"

#include <algorithm>

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// RFC 9110 8.8.3: what may stand between the quotation marks: visible characters but `"`, and obs-text. There are no escapes.
constexpr bool is_tag_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != '"' && byte != 0x7f;
}

/// The size of the well-formed tag at the start of `text`; 0 when there is none.
std::size_t tag_size(std::string_view text) noexcept {
  const std::size_t start = text.starts_with("W/") ? 2 : 0;
  if (text.size() <= start || text[start] != '"') return 0;
  std::size_t at = start + 1;
  while (at < text.size() && is_tag_char(text[at])) ++at;
  return at < text.size() && text[at] == '"' ? at + 1 : 0;
}

/// Takes the first tag off a list. What is not well formed reaches to the next comma.
std::string_view take_tag(std::string_view& list) noexcept {
  while (!list.empty() && (is_blank(list.front()) || list.front() == ',')) list.remove_prefix(1);
  std::size_t size = tag_size(list);
  if (size == 0) size = std::min(list.find(','), list.size());
  const std::string_view tag = trim(list.substr(0, size));
  list.remove_prefix(size);
  return tag;
}

}  // namespace

EntityTag entity_tag(std::string_view value) noexcept {
  const std::string_view text = trim(value);
  if (text.empty() || tag_size(text) != text.size()) return {text, text, true};
  const bool weak = text.front() == 'W';
  return {text, text.substr(weak ? 2 : 0), weak};
}

bool strongly_equal(EntityTag a, EntityTag b) noexcept { return a.strong() && b.strong() && a.opaque == b.opaque; }

bool weakly_equal(EntityTag a, EntityTag b) noexcept { return !a.empty() && a.opaque == b.opaque; }

bool tag_list_has(std::string_view list, EntityTag tag, TagComparison how) noexcept {
  if (trim(list) == "*") return true;
  while (!list.empty()) {
    const EntityTag other = entity_tag(take_tag(list));
    if (how == TagComparison::strong ? strongly_equal(other, tag) : weakly_equal(other, tag)) return true;
  }
  return false;
}

}  // namespace gatehouse::http
