#include "transforms/transforms.hpp"

#include <array>
#include <cstring>

#include "text/ascii.hpp"
#include "text/base64.hpp"
#include "text/escapes.hpp"
#include "text/html.hpp"
#include "text/path.hpp"
#include "text/url.hpp"
#include "text/utf8.hpp"
#include "transforms/cleaning.hpp"
#include "transforms/coding.hpp"

namespace gatehouse::filters {

namespace {

using C = ByteClass;
using Run = std::size_t (*)(std::string_view, char*) noexcept;

struct Entry {
  Transform transform;
  std::string_view name;
  Run run;                     // null: not by a function from bytes to bytes (none, trim*, url_decode_uni)
  unsigned growth;             // room for the output: growth * size + 24
  ByteClasses touches;         // only values with one of these classes can change
  bool always{false};          // changes the empty value, too
};

std::size_t plain_url_decode(std::string_view in, char* out) noexcept { return text::url_decode(in, out); }

constexpr ByteClasses any = ByteClasses::of(C::any);
constexpr ByteClasses only_backslash = ByteClasses::of(C::backslash);
constexpr ByteClasses escapes = ByteClasses::of(C::percent, C::plus);

// In the order of the enumeration, so that a transform is its own index.
constexpr std::array<Entry, transform_count> entries = {{
    {Transform::none, "none", nullptr, 0, {}},
    {Transform::base64_decode, "base64Decode", text::base64_decode, 1, any},
    {Transform::base64_decode_ext, "base64DecodeExt", text::base64_decode_forgiving, 1, any},
    {Transform::base64_encode, "base64Encode", text::base64_encode, 2, any},
    {Transform::cmd_line, "cmdLine", cleaning::cmd_line, 1,
     ByteClasses::of(C::upper, C::quote, C::backslash, C::caret, C::separator, C::other_blank, C::blank_pair,
                     C::blank_before)},
    {Transform::compress_whitespace, "compressWhitespace", cleaning::compress_whitespace, 1,
     ByteClasses::of(C::other_blank, C::nbsp, C::blank_pair)},
    {Transform::css_decode, "cssDecode", text::css_decode, 1, only_backslash},
    {Transform::escape_seq_decode, "escapeSeqDecode", text::escape_seq_decode, 1, only_backslash},
    {Transform::hex_decode, "hexDecode", coding::hex_decode, 1, any},
    {Transform::hex_encode, "hexEncode", coding::hex_encode, 2, any},
    {Transform::html_entity_decode, "htmlEntityDecode", text::html_decode, 1, ByteClasses::of(C::ampersand)},
    {Transform::js_decode, "jsDecode", text::js_decode, 1, only_backslash},
    {Transform::length, "length", coding::length, 0, any, true},
    {Transform::lowercase, "lowercase", cleaning::lowercase, 1, ByteClasses::of(C::upper)},
    {Transform::md5, "md5", coding::md5, 0, any, true},
    {Transform::normalize_path, "normalizePath", text::normalize_path, 1, ByteClasses::of(C::slash_pair, C::dot_segment)},
    {Transform::normalize_path_win, "normalizePathWin", text::normalize_path_win, 1,
     ByteClasses::of(C::slash_pair, C::dot_segment, C::backslash)},
    {Transform::parity_even_7bit, "parityEven7bit", coding::parity_even, 1, any},
    {Transform::parity_odd_7bit, "parityOdd7bit", coding::parity_odd, 1, any},
    {Transform::parity_zero_7bit, "parityZero7bit", coding::parity_zero, 1, ByteClasses::of(C::non_ascii)},
    {Transform::remove_comments, "removeComments", cleaning::remove_comments, 1,
     ByteClasses::of(C::slash_star, C::dash_pair, C::hash)},
    {Transform::remove_comments_char, "removeCommentsChar", cleaning::remove_comments_char, 1,
     ByteClasses::of(C::slash_star, C::star_slash, C::dash_pair, C::hash)},
    {Transform::remove_nulls, "removeNulls", cleaning::remove_nulls, 1, ByteClasses::of(C::nul)},
    {Transform::remove_whitespace, "removeWhitespace", cleaning::remove_whitespace, 1,
     ByteClasses::of(C::space, C::other_blank, C::nbsp)},
    {Transform::replace_comments, "replaceComments", cleaning::replace_comments, 1, ByteClasses::of(C::slash_star)},
    {Transform::replace_nulls, "replaceNulls", cleaning::replace_nulls, 1, ByteClasses::of(C::nul)},
    {Transform::sha1, "sha1", coding::sha1, 0, any, true},
    {Transform::sql_hex_decode, "sqlHexDecode", coding::sql_hex_decode, 1, ByteClasses::of(C::zero_x)},
    {Transform::trim, "trim", nullptr, 0, ByteClasses::of(C::blank_at_start, C::blank_at_end)},
    {Transform::trim_left, "trimLeft", nullptr, 0, ByteClasses::of(C::blank_at_start)},
    {Transform::trim_right, "trimRight", nullptr, 0, ByteClasses::of(C::blank_at_end)},
    {Transform::uppercase, "uppercase", cleaning::uppercase, 1, ByteClasses::of(C::lower)},
    {Transform::url_decode, "urlDecode", plain_url_decode, 1, escapes},
    {Transform::url_decode_uni, "urlDecodeUni", nullptr, 1, escapes},
    {Transform::url_encode, "urlEncode", text::url_encode, 3, ByteClasses::of(C::url_reserved)},
    {Transform::utf8_to_unicode, "utf8toUnicode", text::utf8_to_unicode, 4, ByteClasses::of(C::non_ascii)},
}};

static_assert([] {
  for (unsigned i = 0; i < transform_count; ++i) {
    if (static_cast<unsigned>(entries[i].transform) != i) return false;
  }
  return text::utf8_unicode_room(1) <= 4;
}());

/// Whom each class of bytes concerns, one bit each; and those that change the empty value, too.
struct Concerned {
  std::array<std::uint64_t, 32> by_class{};
  std::uint64_t always{0};
};
constexpr Concerned concerned = [] {
  Concerned all;
  for (unsigned i = 0; i < transform_count; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (entries[i].always) all.always |= bit;
    for (unsigned c = 0; c < all.by_class.size(); ++c) {
      if ((entries[i].touches.bits() >> c & 1u) != 0) all.by_class[c] |= bit;
    }
  }
  return all;
}();

constexpr const Entry& entry_of(Transform transform) noexcept { return entries[static_cast<unsigned>(transform)]; }

/// A part of the value itself: nothing has to be written for it.
std::string_view trimmed(Transform transform, std::string_view in) noexcept {
  const bool left = transform != Transform::trim_right, right = transform != Transform::trim_left;
  while (left && !in.empty() && text::is_blank(in.front())) in.remove_prefix(1);
  while (right && !in.empty() && text::is_blank(in.back())) in.remove_suffix(1);
  return in;
}

}  // namespace

std::optional<Transform> transform_by_name(std::string_view name) noexcept {
  if (text::equals_ignoring_case(name, "normalisePath")) return Transform::normalize_path;
  if (text::equals_ignoring_case(name, "normalisePathWin")) return Transform::normalize_path_win;
  for (const Entry& entry : entries) {
    if (text::equals_ignoring_case(name, entry.name)) return entry.transform;
  }
  return std::nullopt;
}

std::string_view transform_name(Transform transform) noexcept { return entry_of(transform).name; }

std::string_view apply(Transform transform, std::string_view in, Scratch& out, const UnicodeMap* map) {
  const Entry& entry = entry_of(transform);
  if (transform == Transform::url_decode_uni) {
    const std::size_t size = text::url_decode_uni(in, out.room(in.size()), map == nullptr ? nullptr : map->table());
    const std::string_view result = out.view(size);
    return result == in ? in : result;
  }
  if (entry.run == nullptr) return transform == Transform::none ? in : trimmed(transform, in);
  // The constant covers length, the digests, and what base64 and the last sequence of a value need beyond the factor.
  const std::size_t size = entry.run(in, out.room(entry.growth * in.size() + 24));
  const std::string_view result = out.view(size);
  return result == in ? in : result;
}

bool is_identity(Transform transform, ByteClasses classes) noexcept {
  return (changing(classes) >> static_cast<unsigned>(transform) & 1) == 0;
}

std::uint64_t changing(ByteClasses classes) noexcept {
  std::uint64_t all = concerned.always;
  for (std::uint32_t rest = classes.bits(); rest != 0; rest &= rest - 1) all |= concerned.by_class[static_cast<unsigned>(__builtin_ctz(rest))];
  return all;
}

}  // namespace gatehouse::filters
