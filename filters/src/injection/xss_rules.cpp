#include "injection/xss_rules.hpp"

#include <algorithm>
#include <array>

#include "text/ascii.hpp"

namespace gatehouse::filters::html {

namespace {

constexpr std::size_t npos = std::string_view::npos;

/// A name in lower case, without NULs and a namespace prefix; cut off where no table has a longer one.
class Name {
 public:
  explicit Name(std::string_view name, bool without_prefix = true) noexcept {
    const std::size_t colon = without_prefix ? name.rfind(':') : npos;
    for (const char c : colon == npos ? name : name.substr(colon + 1)) {
      if (c == '\0') continue;
      if (size_ == letters_.size()) return;
      letters_[size_++] = text::to_lower(c);
    }
  }
  std::string_view text() const noexcept { return {letters_.data(), size_}; }

 private:
  std::array<char, 32> letters_{};
  std::size_t size_{0};
};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&sorted)[N]) noexcept {
  return std::binary_search(std::begin(sorted), std::end(sorted), name);
}

constexpr std::string_view loader_tags[] = {"applet", "base", "bgsound", "embed", "frame", "frameset", "iframe", "import",
                                            "layer", "link", "meta", "object", "portal", "vmlframe"};

constexpr std::string_view loading_attributes[] = {"archive", "classid", "code", "codebase", "content", "data", "href",
                                                   "http-equiv", "object", "src", "srcdoc"};

constexpr std::string_view url_attributes[] = {"action", "background", "by", "cite", "code", "codebase", "data", "dynsrc",
                                               "formaction", "from", "href", "icon", "longdesc", "lowsrc", "manifest",
                                               "ping", "poster", "profile", "src", "to", "usemap"};

// Names after "on".
constexpr std::string_view events[] = {
    "abort", "activate", "afterprint", "animationcancel", "animationend", "animationiteration", "animationstart",
    "auxclick", "beforeactivate", "beforecopy", "beforecut", "beforedeactivate", "beforeinput", "beforematch",
    "beforepaste", "beforeprint", "beforetoggle", "beforeunload", "begin", "blur", "bounce", "cancel", "canplay",
    "canplaythrough", "change", "click", "close", "contentvisibilityautostatechange", "contextlost", "contextmenu",
    "contextrestored", "copy", "cuechange", "cut", "dblclick", "drag", "dragend", "dragenter", "dragleave", "dragover",
    "dragstart", "drop", "durationchange", "emptied", "end", "ended", "error", "filterchange", "finish", "focus",
    "focusin", "focusout", "formdata", "fullscreenchange", "gotpointercapture", "hashchange", "input", "invalid",
    "keydown", "keypress", "keyup", "languagechange", "load", "loadeddata", "loadedmetadata", "loadend", "loadstart",
    "lostpointercapture", "message", "messageerror", "mousedown", "mouseenter", "mouseleave", "mousemove", "mouseout",
    "mouseover", "mouseup", "mousewheel", "offline", "orientationchange", "pagehide", "pagereveal", "pageshow", "pageswap",
    "paste", "pause", "play", "playing", "pointercancel", "pointerdown", "pointerenter", "pointerleave", "pointermove",
    "pointerout", "pointerover", "pointerrawupdate", "pointerup", "popstate", "progress", "propertychange", "ratechange",
    "readystatechange", "rejectionhandled", "repeat", "reset", "resize", "rowenter", "scroll", "scrollend",
    "scrollsnapchange", "search", "securitypolicyviolation", "seeked", "seeking", "select", "selectionchange",
    "selectstart", "show", "slotchange", "stalled", "start", "storage", "submit", "suspend", "timeupdate", "toggle",
    "touchcancel", "touchend", "touchmove", "touchstart", "transitioncancel", "transitionend", "transitionrun",
    "transitionstart", "unhandledrejection", "unload", "volumechange", "waiting", "webkitanimationend",
    "webkittransitionend", "wheel"};

struct Character {
  char byte;
  std::size_t size;  // bytes of text it took
};

/// The character reference at `at`, or the byte there. Names that could disguise a URL are known, others stay.
Character decoded_at(std::string_view text, std::size_t at) noexcept {
  if (text[at] != '&') return {text[at], 1};
  constexpr struct {
    std::string_view name;
    char byte;
  } names[] = {{"colon;", ':'}, {"tab;", '\t'}, {"newline;", '\n'}, {"lpar;", '('}, {"rpar;", ')'}, {"amp;", '&'},
               {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}, {"sol;", '/'}, {"bsol;", '\\'}};
  const std::string_view rest = text.substr(at + 1);
  for (const auto& each : names) {
    if (text::equals_ignoring_case(rest.substr(0, each.name.size()), each.name)) return {each.byte, 1 + each.name.size()};
  }
  if (rest.empty() || rest[0] != '#') return {'&', 1};
  const bool hex = rest.size() > 1 && (rest[1] | 0x20) == 'x';
  const std::size_t first = hex ? 2 : 1;
  std::size_t end = first;
  std::uint32_t code = 0;
  for (; end < rest.size() && (hex ? text::is_hex(rest[end]) : text::is_digit(rest[end])); ++end) {
    code = std::min(code * (hex ? 16u : 10u) + static_cast<std::uint32_t>(text::hex_value(rest[end])), 0xffffffu);
  }
  if (end == first) return {'&', 1};
  if (end < rest.size() && rest[end] == ';') ++end;
  return {code < 0x80 ? static_cast<char>(code) : '\x80', 1 + end};
}

/// A URL's scheme in lower case, without the blanks and control characters that browsers drop, and what follows it.
struct Scheme {
  std::array<char, 12> letters{};
  std::size_t size{0};
  std::string_view rest;
  bool found{false};

  std::string_view text() const noexcept { return {letters.data(), size}; }
};

Scheme scheme_of(std::string_view url) noexcept {
  Scheme scheme;
  for (std::size_t at = 0; at < url.size();) {
    const Character c = decoded_at(url, at);
    at += c.size;
    if (static_cast<unsigned char>(c.byte) <= 0x20 || c.byte == '\x7f') continue;
    if (c.byte == ':') {
      scheme.found = true;
      scheme.rest = url.substr(at);
      return scheme;
    }
    if (!text::is_alpha(c.byte) || scheme.size == scheme.letters.size()) return scheme;
    scheme.letters[scheme.size++] = text::to_lower(c.byte);
  }
  return scheme;
}

bool runs_script(std::string_view scheme) noexcept {
  return scheme == "javascript" || scheme == "vbscript" || scheme == "livescript" || scheme == "mocha";
}

/// A data: URL that is no picture, sound or font can be a document.
bool is_document(std::string_view media) noexcept {
  const Name type(media.substr(0, media.find_first_of(";,")), false);
  for (const std::string_view safe : {"image/png", "image/gif", "image/jp", "image/webp", "image/bmp", "image/x-icon",
                                      "image/vnd", "image/avif", "audio/", "video/", "font/", "application/font", "text/plain"}) {
    if (type.text().substr(0, safe.size()) == safe) return false;
  }
  return media.find(',') != npos;
}

/// SVG's values is a list of URLs.
bool any_url_runs_script(std::string_view urls) noexcept {
  while (!urls.empty()) {
    const std::size_t end = urls.find(';');
    if (is_script_url(urls)) return true;
    // A character reference's semicolon cuts, too, but the URL in front of it was read as a whole.
    urls.remove_prefix(end == npos ? urls.size() : end + 1);
  }
  return false;
}

}  // namespace

TagKind kind_of_tag(std::string_view name) noexcept {
  // Filters that take "<script>" out once turn scr<script>ipt into it.
  const std::size_t inner = name.rfind('<');
  const Name local(inner == npos ? name : name.substr(inner + 1));
  if (local.text() == "script" || local.text() == "xss") return TagKind::script;
  if (local.text() == "style") return TagKind::style;
  return is_one_of(local.text(), loader_tags) ? TagKind::loader : TagKind::ordinary;
}

bool is_event_handler(std::string_view name) noexcept {
  const Name local(name);
  return local.text().substr(0, 2) == "on" && is_one_of(local.text().substr(2), events);
}

bool looks_like_event_handler(std::string_view name) noexcept {
  const Name local(name);
  const std::string_view text = local.text();
  return text.size() >= 5 && text.substr(0, 2) == "on" && std::all_of(text.begin(), text.end(), text::is_alpha);
}

bool looks_like_code(std::string_view text) noexcept { return text.find_first_of("([`=;&{\\") != npos; }

bool attribute_runs_script(std::string_view name, std::string_view value, TagKind tag) noexcept {
  if (is_event_handler(name) || (looks_like_event_handler(name) && looks_like_code(value))) return true;
  if (!text::is_alpha(name[0]) && name.find_first_of(":\0", 0, 2) == npos) return false;  // in no table
  const Name local(name);
  if (local.text() == "style") return style_runs_script(value);
  if (local.text() == "srcdoc") return value.find_first_of("<&") != npos;
  // <set attributeName=onload to=...>
  if (local.text() == "attributename") return is_event_handler(value) || text::equals_ignoring_case(value, "href");
  if (tag == TagKind::loader && is_one_of(local.text(), loading_attributes)) return true;
  if (local.text() == "values") return any_url_runs_script(value);
  return is_one_of(local.text(), url_attributes) && is_script_url(value);
}

bool is_script_url(std::string_view url) noexcept {
  const Scheme scheme = scheme_of(url);
  if (!scheme.found) return false;
  return runs_script(scheme.text()) || (scheme.text() == "data" && is_document(scheme.rest));
}

bool is_bare_script_url(std::string_view value) noexcept {
  const Scheme scheme = scheme_of(value);
  if (!scheme.found) return false;
  if (scheme.text() == "data") return is_document(scheme.rest) && Name(scheme.rest.substr(0, 9), false).text() == "text/html";
  if (!runs_script(scheme.text())) return false;
  const std::size_t start = scheme.rest.find_first_not_of(" \t\r\n");
  if (start == npos) return false;
  const std::string_view code = scheme.rest.substr(start);
  const std::size_t word = std::min(code.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$"), code.size());
  if (word == code.size()) return false;
  // After a blank, as in English, the first word has to be glued to an operator.
  return start == 0 ? looks_like_code(code) || code[word] == '/' || code[word] == '.' || code[word] == '%'
                    : std::string_view("([.=`").find(code[word]) != npos;
}

bool style_runs_script(std::string_view css) noexcept {
  // The last letters, in lower case and without blanks, comments and backslashes: old browsers read exp/**/ression, too.
  std::array<char, 16> tail{};
  std::size_t size = 0;
  const auto ends_with = [&](std::string_view what) {
    if (size < what.size()) return false;
    for (std::size_t i = 0; i < what.size(); ++i) {
      if (tail[(size - what.size() + i) % tail.size()] != what[i]) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at < css.size();) {
    if (css.compare(at, 2, "/*") == 0) {
      const std::size_t close = css.find("*/", at + 2);
      at = close == npos ? css.size() : close + 2;
      continue;
    }
    const Character c = decoded_at(css, at);
    at += c.size;
    if (static_cast<unsigned char>(c.byte) <= 0x20 || c.byte == '\\') continue;
    tail[size++ % tail.size()] = text::to_lower(c.byte);
    if (ends_with("expression(") || ends_with("javascript:") || ends_with("vbscript:") || ends_with("behavior:") ||
        ends_with("-moz-binding:") || ends_with("@import")) {
      return true;
    }
  }
  return false;
}

}  // namespace gatehouse::filters::html
