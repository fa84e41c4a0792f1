#include "text/path.hpp"

namespace gatehouse::filters::text {

namespace {

/// Writes segments and takes them back. A segment is stored with the slash in front of it, except a relative path's
/// first one, so that taking one back is cutting at the last slash.
class Writer {
 public:
  Writer(char* out, bool absolute) noexcept : out_(out), absolute_(absolute) {}

  void push(std::string_view segment, bool climbs) noexcept {
    if (size_ > 0 || absolute_) out_[size_++] = '/';
    for (const char c : segment) out_[size_++] = c;
    if (climbs) floor_ = size_;
  }
  void pop() noexcept {
    if (size_ > floor_) {
      // Only segments after the leading ../ ones can be taken back.
      while (size_ > floor_ && out_[size_ - 1] != '/') --size_;
      if (size_ > floor_) --size_;
    } else if (!absolute_) {
      push("..", true);
    }
  }
  std::size_t finish(bool slash_at_end) noexcept {
    if (slash_at_end && (size_ > 0 || absolute_)) out_[size_++] = '/';
    return size_;
  }

 private:
  char* out_;
  bool absolute_;
  std::size_t size_{0};
  std::size_t floor_{0};  // end of the leading ../ segments
};

template <bool Backslash>
constexpr bool is_slash(char c) noexcept {
  return c == '/' || (Backslash && c == '\\');
}

template <bool Backslash>
std::size_t normalize(std::string_view in, char* out) noexcept {
  Writer writer(out, !in.empty() && is_slash<Backslash>(in[0]));
  for (std::size_t i = 0; i < in.size();) {
    std::size_t end = i;
    while (end < in.size() && !is_slash<Backslash>(in[end])) ++end;
    const std::string_view segment = in.substr(i, end - i);
    if (segment == "..") {
      writer.pop();
    } else if (!segment.empty() && segment != ".") {
      writer.push(segment, false);
    }
    i = end + 1;
  }
  return writer.finish(!in.empty() && is_slash<Backslash>(in.back()));
}

}  // namespace

std::size_t normalize_path(std::string_view in, char* out) noexcept { return normalize<false>(in, out); }

std::size_t normalize_path_win(std::string_view in, char* out) noexcept { return normalize<true>(in, out); }

}  // namespace gatehouse::filters::text
