// Entity tags (RFC 9110 8.8.3) and the lists of them in If-None-Match and If-Match. Tags without quotation marks exist in
// the wild: such a tag is kept as it is, equals only its own text, and is never strong. Pure; views; any thread.
#pragma once

#include <string_view>

namespace gatehouse::http {

struct EntityTag {
  std::string_view text;    // as sent
  std::string_view opaque;  // with its quotation marks, without W/; the whole text when it is not well formed
  bool weak{false};         // also when it is not well formed

  bool empty() const noexcept { return text.empty(); }
  bool strong() const noexcept { return !text.empty() && !weak; }
};

/// The tag of an ETag or If-Range value.
EntityTag entity_tag(std::string_view value) noexcept;

/// RFC 9110 8.8.3.2: strong comparison wants both strong, weak comparison ignores W/. An empty tag equals none.
bool strongly_equal(EntityTag a, EntityTag b) noexcept;
bool weakly_equal(EntityTag a, EntityTag b) noexcept;

enum class TagComparison : bool { weak, strong };

/// Whether a list of tags, one line's value, is `*` or has one that equals `tag`. `*` equals an empty tag too.
bool tag_list_has(std::string_view list, EntityTag tag, TagComparison how) noexcept;

}  // namespace gatehouse::http
