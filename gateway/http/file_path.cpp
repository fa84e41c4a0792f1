#include "gateway/http/file_path.hpp"

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

/// Takes one character off the text; -1 for what is coded wrongly.
int take(std::string_view& text) noexcept {
  const char c = text.front();
  if (c != '%') {
    text.remove_prefix(1);
    return static_cast<unsigned char>(c);
  }
  if (text.size() < 3) return -1;
  const int high = hex_value(text[1]), low = hex_value(text[2]);
  text.remove_prefix(3);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// Whether a decoded character may be part of a name. A backslash separates nothing here, but elsewhere it does, and files
/// move.
bool may_be_named(int c) noexcept { return c > 0x1f && c != 0x7f && c != '/' && c != '\\'; }

}  // namespace

std::optional<FilePath> file_path(std::string_view path, bool hidden_too, std::span<char> out) noexcept {
  if (!path.starts_with('/') || out.size() < path.size()) return std::nullopt;
  path.remove_prefix(1);
  std::size_t size = 0;
  std::size_t segment = 0;  // where the one under way begins
  const auto sound = [&] {
    const std::string_view name(out.data() + segment, size - segment);
    if (name.empty() || name == "." || name == "..") return false;
    // RFC 8615: what lies there is meant for everybody, though its name begins with a dot.
    const bool well_known = segment == 0 && name == ".well-known";
    return hidden_too || well_known || name.front() != '.';
  };
  while (!path.empty()) {
    if (path.front() == '/') {
      if (!sound()) return std::nullopt;
      path.remove_prefix(1);
      out[size++] = '/';
      segment = size;
      continue;
    }
    const int c = take(path);
    if (!may_be_named(c)) return std::nullopt;
    out[size++] = static_cast<char>(c);
  }
  const bool folder = segment == size;
  if (!folder && !sound()) return std::nullopt;
  if (folder && size != 0) --size;  // the slash
  return FilePath{{out.data(), size}, folder};
}

}  // namespace gatehouse::http
