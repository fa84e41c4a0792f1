#include "gateway/cdn/request_parts.hpp"

#include <algorithm>
#include <vector>

#include "gateway/http/field_line.hpp"
#include "gateway/http/joined.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cdn {
namespace {

/// Takes the next member off a list.
std::string_view next(std::string_view& rest, char separator) noexcept {
  const std::size_t end = rest.find(separator);
  const std::string_view item = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return item;
}

struct Cookie {
  std::string_view name;
  std::string_view text;  // name=value
  std::size_t place;      // among those that were sent
};

}  // namespace

std::string_view select_parameters(const EitherList& lists, std::string_view query, exchange::Scratch& scratch) {
  if (lists.all() || query.empty()) return query;
  if (lists.none()) return {};
  http::Joined out(scratch.take(query.size()), "&");
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view parameter = next(rest, '&');
    if (!parameter.empty() && lists.selects(parameter.substr(0, parameter.find('=')))) out.add(parameter);
  }
  return out.text();
}

std::string_view select_cookies(const EitherList& lists, const http::FieldList& request, exchange::Scratch& scratch) {
  if (lists.none() || !request.has(http::FieldKind::cookie)) return {};
  thread_local std::vector<Cookie> cookies;  // keeps its room
  cookies.clear();
  std::size_t size = 0;
  for (const http::Field& field : request.all()) {
    if (field.kind != http::FieldKind::cookie || field.dropped) continue;
    for (std::string_view rest = field.value(); !rest.empty();) {
      const std::string_view text = http::trim(next(rest, ';'));
      const std::size_t equals = text.find('=');
      if (equals == 0 || equals == std::string_view::npos || !lists.selects(text.substr(0, equals))) continue;
      cookies.push_back({text.substr(0, equals), text, cookies.size()});
      size += text.size() + 2;
    }
  }
  // Of the same name the first stays first: origins differ in which one they take.
  std::ranges::sort(cookies, [](const Cookie& a, const Cookie& b) { return a.name != b.name ? a.name < b.name : a.place < b.place; });
  http::Joined out(scratch.take(size), "; ");
  for (const Cookie& cookie : cookies) out.add(cookie.text);
  return out.text();
}

bool push_field(http::FieldList& fields, std::string_view name, std::string_view value, exchange::Scratch& scratch) {
  return fields.push(http::field_of_line(scratch.join(name, ": ", value, "\r\n"), name.size()));
}

}  // namespace gatehouse::cdn
