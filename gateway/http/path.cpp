#include "gateway/http/path.hpp"

#include <cstring>

namespace gatehouse::http {
namespace {

/// How many dots a segment is made of; 0 when it is made of anything else, or of more than two.
unsigned dots_in(std::string_view segment) noexcept {
  unsigned dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && (segment[2] | 0x20) == 'e') {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    if (++dots > 2) return 0;
  }
  return dots;
}

std::string_view first_segment(std::string_view rest) noexcept { return rest.substr(0, rest.find('/')); }

}  // namespace

bool has_dot_segments(std::string_view path) noexcept {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (slash + 1 == path.size()) return false;
    const char next = path[slash + 1];
    if ((next == '.' || next == '%') && dots_in(first_segment(path.substr(slash + 1))) != 0) return true;
  }
  return false;
}

std::string_view resolve_dot_segments(std::string_view path, std::span<char> out) noexcept {
  std::size_t size = 0;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash before the segment
    const std::string_view segment = first_segment(path);
    path.remove_prefix(segment.size());
    const unsigned dots = dots_in(segment);
    if (dots == 2) {
      while (size != 0 && out[--size] != '/') {
      }
    }
    if (dots != 0) {
      // `/a/.` and `/a/..` name folders, so the slash that closes them stays.
      if (path.empty()) out[size++] = '/';
      continue;
    }
    out[size++] = '/';
    std::memcpy(out.data() + size, segment.data(), segment.size());
    size += segment.size();
  }
  return {out.data(), size};
}

}  // namespace gatehouse::http
