#include "gateway/cache/tags.hpp"

#include <algorithm>

#include "gateway/http/structured_field.hpp"
#include "gateway/http/token.hpp"

namespace gatehouse::cache {
namespace {

template <std::size_t Max>
void add(Names<Max>& names, std::string_view name, std::size_t size_max) noexcept {
  const bool visible = std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; });
  if (name.empty()) return;
  if (name.size() > size_max || !visible || names.size == Max) {
    ++names.left_out;
    return;
  }
  if (std::ranges::find(names.all(), name) == names.all().end()) names.names[names.size++] = name;
}

bool named(const http::Field& field, std::string_view name) noexcept {
  return !field.dropped && field.name_size == name.size() && http::equals_ignoring_case(field.name(), name);
}

/// The strings of one line; none when it is no list of strings.
void add_groups(Groups& groups, std::string_view value) noexcept {
  http::SfList strings(value);
  while (strings.next()) {
    if (!strings.item().is(http::SfType::string)) return;
  }
  if (strings.broken()) return;
  for (http::SfList again(value); again.next();) {
    const std::string_view name = again.item().text;
    // Unlike a tag, a group may have blanks in its name.
    if (name.size() > group_size_max || groups.size == groups_max) ++groups.left_out;
    else if (std::ranges::find(groups.all(), name) == groups.all().end()) groups.names[groups.size++] = name;
  }
}

Groups groups_of(const http::FieldList& fields, std::string_view name) noexcept {
  Groups groups;
  for (const http::Field& field : fields.all()) {
    if (named(field, name)) add_groups(groups, field.value());
  }
  return groups;
}

}  // namespace

void collect_tags(const http::FieldList& fields, std::string_view name, TagSyntax syntax, Tags& tags) noexcept {
  const std::string_view separators = syntax == TagSyntax::commas ? "," : " \t";
  for (const http::Field& field : fields.all()) {
    if (!named(field, name)) continue;
    std::string_view rest = field.value();
    while (!rest.empty()) {
      const std::string_view tag = rest.substr(0, rest.find_first_of(separators));
      rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
      add(tags, http::trim(tag), tag_size_max);
    }
  }
}

Groups cache_groups(const http::FieldList& response) noexcept { return groups_of(response, "cache-groups"); }

Groups invalidated_groups(const http::FieldList& response) noexcept { return groups_of(response, "cache-group-invalidation"); }

}  // namespace gatehouse::cache
