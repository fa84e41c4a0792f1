// The transformations of the ModSecurity v2 reference manual: pure functions from bytes to bytes. apply() is total (any
// bytes, any length), never throws but for want of memory, and returns its input untouched when nothing changes, so a
// caller sees by the data pointer whether a step did anything. classify() sums a value up in one scan; is_identity()
// then answers for all transformations, without looking at the value again, whether they can be left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "transforms/byte_classes.hpp"
#include "transforms/scratch.hpp"
#include "transforms/unicode_map.hpp"

namespace gatehouse::filters {

enum class Transform : std::uint8_t {
  none,
  base64_decode,
  base64_decode_ext,
  base64_encode,
  cmd_line,
  compress_whitespace,
  css_decode,
  escape_seq_decode,
  hex_decode,
  hex_encode,
  html_entity_decode,
  js_decode,
  length,
  lowercase,
  md5,
  normalize_path,
  normalize_path_win,
  parity_even_7bit,
  parity_odd_7bit,
  parity_zero_7bit,
  remove_comments,
  remove_comments_char,
  remove_nulls,
  remove_whitespace,
  replace_comments,
  replace_nulls,
  sha1,
  sql_hex_decode,
  trim,
  trim_left,
  trim_right,
  uppercase,
  url_decode,
  url_decode_uni,
  url_encode,
  utf8_to_unicode,
};
inline constexpr unsigned transform_count = static_cast<unsigned>(Transform::utf8_to_unicode) + 1;

/// The transformation of that name in any letter case, with either spelling of normalise; nothing when there is none.
std::optional<Transform> transform_by_name(std::string_view name) noexcept;

/// The name as the reference manual writes it.
std::string_view transform_name(Transform transform) noexcept;

/// What `transform` makes of `in`: `in` itself (the same data pointer and size) when nothing changes, a part of it for
/// trim*, otherwise bytes in `out`. `in` must not lie in `out`. `map` is for url_decode_uni alone and may be null.
std::string_view apply(Transform transform, std::string_view in, Scratch& out, const UnicodeMap* map = nullptr);

/// True only if apply() would return its input for every value of these classes.
bool is_identity(Transform transform, ByteClasses classes) noexcept;
/// All those of which it is not true, one bit each.
std::uint64_t changing(ByteClasses classes) noexcept;

}  // namespace gatehouse::filters
