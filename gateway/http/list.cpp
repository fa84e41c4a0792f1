#include "gateway/http/list.hpp"

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// Where the item at the start of `text` ends: at the first comma outside a quoted string, or at the end.
std::size_t item_size(std::string_view text, bool& broken) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',' && !quoted) return i;
    if (c == '"') quoted = !quoted;
    else if (c == '\\' && quoted) ++i;  // RFC 9110 5.6.4: quoted-pair
  }
  broken |= quoted;
  return text.size();
}

}  // namespace

bool ListItems::next() noexcept {
  while (!rest_.empty()) {
    const std::size_t size = item_size(rest_, broken_);
    item_ = trim(rest_.substr(0, size));
    rest_.remove_prefix(size < rest_.size() ? size + 1 : size);
    if (!item_.empty()) return true;
  }
  return false;
}

bool list_has(std::string_view list, std::string_view token) noexcept {
  for (ListItems items(list); items.next();) {
    if (equals_ignoring_case(items.item(), token)) return true;
  }
  return false;
}

std::string_view without_parameters(std::string_view item) noexcept { return trim(item.substr(0, item.find(';'))); }

bool parameter_value(std::string_view item, std::string_view name, std::string_view& value) noexcept {
  const std::size_t equals = item.find('=');
  if (equals == std::string_view::npos || !equals_ignoring_case(trim(item.substr(0, equals)), name)) return false;
  value = trim(item.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return true;
}

}  // namespace gatehouse::http
