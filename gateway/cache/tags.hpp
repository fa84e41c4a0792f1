// The names under which an origin groups responses, so that they can be purged together: Surrogate-Key (blanks between),
// Cache-Tag (commas), Cache-Groups and Cache-Group-Invalidation (RFC 9875, lists of strings). Bounded, since an object keeps a
// hash for each; what is beyond the bounds is left out and counted. Views of the message. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::cache {

inline constexpr std::size_t tags_max = 50;      // as CloudFront
inline constexpr std::size_t tag_size_max = 256;
inline constexpr std::size_t groups_max = 32;    // RFC 9875 2: at least 32, of at least 32 characters
inline constexpr std::size_t group_size_max = 256;

template <std::size_t Max>
struct Names {
  std::array<std::string_view, Max> names;
  std::size_t size{0};
  std::size_t left_out{0};  // too long, not visible ASCII, or one too many
  std::span<const std::string_view> all() const noexcept { return {names.data(), size}; }
};
using Tags = Names<tags_max>;
using Groups = Names<groups_max>;

enum class TagSyntax : bool { blanks, commas };

/// Adds the tags of all lines of the field `name` to `tags`. Tags are compared without letter case: hash them so.
void collect_tags(const http::FieldList& fields, std::string_view name, TagSyntax syntax, Tags& tags) noexcept;

/// The groups of Cache-Groups or of Cache-Group-Invalidation (RFC 9875 2, 3). Their letter case counts, their parameters do
/// not. A field that is no list of strings has none. Views of the escaped text, which is the same for the same group.
Groups cache_groups(const http::FieldList& response) noexcept;
/// To be asked of answers to unsafe requests only (RFC 9875 3), and applied to the same origin only.
Groups invalidated_groups(const http::FieldList& response) noexcept;

}  // namespace gatehouse::cache
