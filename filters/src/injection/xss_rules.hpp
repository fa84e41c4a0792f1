// What in HTML runs script: tags, event handlers, URLs with a script's scheme, styles with code. Names are tables of the
// standard and of old browsers' manuals. Pure functions, linear in what they are given.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::filters::html {

enum class TagKind : std::uint8_t {
  ordinary,
  script,    // runs what it holds or names
  loader,    // dangerous with an attribute that names what to load: iframe, object, base, link, ...
  style,
};

/// The kind of a tag, whatever its letter case or namespace prefix.
TagKind kind_of_tag(std::string_view name) noexcept;

/// An event handler that browsers know.
bool is_event_handler(std::string_view name) noexcept;
/// A name made like an event handler's: on and at least three letters.
bool looks_like_event_handler(std::string_view name) noexcept;
/// Text that could be JavaScript: has a call, an index, an assignment, a template string or an escape.
bool looks_like_code(std::string_view text) noexcept;

/// True if the attribute makes a browser run script; `tag` is the kind of tag it is in.
bool attribute_runs_script(std::string_view name, std::string_view value, TagKind tag) noexcept;

/// javascript:, vbscript: or a data: URL of a kind that can hold script, however it is disguised.
bool is_script_url(std::string_view url) noexcept;
/// The same for a value that is no attribute: what follows the scheme has to be code, since "JavaScript: an overview" is
/// English.
bool is_bare_script_url(std::string_view value) noexcept;

/// CSS that runs code or loads more: expression(), behaviour, bindings, imports.
bool style_runs_script(std::string_view css) noexcept;

}  // namespace gatehouse::filters::html
