#include "transforms/cleaning.hpp"

#include "text/ascii.hpp"

namespace gatehouse::filters::cleaning {

namespace {

template <class Map>
std::size_t map_bytes(std::string_view in, char* out, Map map) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = map(in[i]);
  return in.size();
}

template <class Keep>
std::size_t keep_bytes(std::string_view in, char* out, Keep keep) noexcept {
  std::size_t written = 0;
  for (const char c : in) {
    // Written always, counted only if kept: no branch to mispredict.
    out[written] = c;
    written += keep(c) ? 1 : 0;
  }
  return written;
}

constexpr bool starts(std::string_view in, std::size_t at, std::string_view with) noexcept {
  return in.size() - at >= with.size() && in.compare(at, with.size(), with) == 0;
}

/// The size of the comment marker at that place; 0 when there is none.
constexpr std::size_t marker_size(std::string_view in, std::size_t at) noexcept {
  constexpr std::string_view markers[] = {"/*", "*/", "<!--", "-->", "--", "#"};
  for (const std::string_view marker : markers) {
    if (starts(in, at, marker)) return marker.size();
  }
  return 0;
}

}  // namespace

std::size_t lowercase(std::string_view in, char* out) noexcept { return map_bytes(in, out, text::to_lower); }

std::size_t uppercase(std::string_view in, char* out) noexcept { return map_bytes(in, out, text::to_upper); }

std::size_t remove_nulls(std::string_view in, char* out) noexcept {
  return keep_bytes(in, out, [](char c) { return c != '\0'; });
}

std::size_t replace_nulls(std::string_view in, char* out) noexcept {
  return map_bytes(in, out, [](char c) { return c == '\0' ? ' ' : c; });
}

std::size_t remove_whitespace(std::string_view in, char* out) noexcept {
  return keep_bytes(in, out, [](char c) { return !text::is_blank_or_nbsp(c); });
}

std::size_t compress_whitespace(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  bool in_run = false;
  for (const char c : in) {
    const bool blank = text::is_blank_or_nbsp(c);
    if (!blank || !in_run) out[written++] = blank ? ' ' : c;
    in_run = blank;
  }
  return written;
}

std::size_t cmd_line(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  bool after_space = false;
  for (const char c : in) {
    if (c == '\\' || c == '"' || c == '\'' || c == '^') continue;
    const bool space = c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n';
    if (space) {
      if (!after_space) out[written++] = ' ';
    } else {
      if (after_space && (c == '/' || c == '(')) --written;
      out[written++] = text::to_lower(c);
    }
    after_space = space;
  }
  return written;
}

std::size_t replace_comments(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    if (!starts(in, i, "/*")) {
      out[written++] = in[i++];
      continue;
    }
    const std::size_t close = in.find("*/", i + 2);
    out[written++] = ' ';
    i = close == std::string_view::npos ? in.size() : close + 2;
  }
  return written;
}

std::size_t remove_comments(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    const bool c_comment = starts(in, i, "/*");
    if (!c_comment && !starts(in, i, "<!--")) {
      if (in[i] == '#' || starts(in, i, "--")) break;
      out[written++] = in[i++];
      continue;
    }
    i += c_comment ? 2 : 4;
    // Either kind of end closes either kind of comment, as in ModSecurity v2.
    while (i < in.size() && !starts(in, i, "*/") && !starts(in, i, "-->")) ++i;
    if (i == in.size()) {
      out[written++] = ' ';
    } else {
      i += in[i] == '*' ? 2 : 3;
    }
  }
  return written;
}

std::size_t remove_comments_char(std::string_view in, char* out) noexcept {
  std::size_t written = 0;
  for (std::size_t i = 0; i < in.size();) {
    const std::size_t marker = marker_size(in, i);
    if (marker == 0) out[written++] = in[i];
    i += marker == 0 ? 1 : marker;
  }
  return written;
}

}  // namespace gatehouse::filters::cleaning
