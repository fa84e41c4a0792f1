// Vary (RFC 9110 12.5.5, RFC 9111 4.1): the request fields that select between the stored responses of one URL.
//
// A stored response keeps two texts: its canonical names (lower case, sorted, comma between; empty without Vary, `*` when
// nothing ever matches) and its selector, the normalised values that the storing request had for them. Another request
// matches when its selector for those names is the same text. Values are normalised so that clients who mean the same share a
// response: lines are joined, blanks around list members go; Accept-Encoding becomes the set of codings that are accepted, in
// sorted order; Accept-Language the languages by rank, since an origin's choice depends on no more than that.
//
// No allocation without Vary; otherwise into strings of the caller, who keeps them for the next request. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::cache {

inline constexpr std::string_view vary_never = "*";

/// The canonical names of a response's Vary lines, written over `out`.
void vary_names(const http::FieldList& response, std::string& out);

/// The selector of a request for canonical names, written over `out`. Empty for no names.
void selector(std::string_view names, const http::FieldList& request, std::string& out);

/// Goes through canonical names: `rest` loses its first name, which is returned; empty at the end.
std::string_view next_name(std::string_view& rest) noexcept;

/// What of a stored response decides whether it is the one.
struct Variant {
  std::string_view names;
  std::string_view selector;
  std::string_view content_language;  // its Content-Language, if it is one tag
};

enum class VariantMatch : std::uint8_t {
  none,
  by_language,  // Accept-Language differs, but the stored language is what the request likes best of all
  exact,
};

/// How a stored response fits a request. `scratch` holds the request's selector for `variant.names` afterwards.
VariantMatch match(const Variant& variant, const http::FieldList& request, std::string& scratch);

/// The one language that a request prefers to all others (RFC 9110 12.5.4); empty when there is none or more than one.
std::string_view sole_best_language(const http::FieldList& request) noexcept;

}  // namespace gatehouse::cache
