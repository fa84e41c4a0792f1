#include "gateway/cache/cache_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/http/structured_field.hpp"

namespace gatehouse::cache {
namespace {

/// Appends to a fixed buffer that is known to be large enough.
class Text {
 public:
  explicit Text(std::span<char> out) noexcept : out_(out) {}
  Text& put(std::string_view text) noexcept {
    const std::size_t size = std::min(text.size(), out_.size() - size_);
    std::copy_n(text.data(), size, out_.data() + size_);
    size_ += size;
    return *this;
  }
  Text& put(std::int64_t number) noexcept {
    std::array<char, 20> digits;
    return put(std::string_view(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr));
  }
  /// The parameter `key` as a string, only when there is a value.
  Text& put_string(std::string_view parameter, std::string_view value) noexcept {
    if (value.empty()) return *this;
    put(parameter);
    size_ += http::write_sf_string(value, out_.subspan(size_));
    return *this;
  }
  std::string_view view() const noexcept { return {out_.data(), size_}; }

 private:
  std::span<char> out_;
  std::size_t size_{0};
};

constexpr std::size_t word_max = 64;
constexpr std::int64_t integer_max = 999'999'999'999'999;  // RFC 9651 3.3.1: 15 digits

}  // namespace

std::string_view text(Forward forward) noexcept {
  switch (forward) {
    case Forward::none: return "";
    case Forward::bypass: return "bypass";
    case Forward::method: return "method";
    case Forward::uri_miss: return "uri-miss";
    case Forward::vary_miss: return "vary-miss";
    case Forward::miss: return "miss";
    case Forward::request: return "request";
    case Forward::stale: return "stale";
    case Forward::partial: return "partial";
  }
  return "";
}

std::string_view write_cache_status(const CacheStatus& status, std::span<char, cache_status_size> out) noexcept {
  Text line(out);
  line.put(status.cache.substr(0, word_max));
  if (status.forward == Forward::none) {
    line.put("; hit");
  } else {
    line.put("; fwd=").put(text(status.forward));
    if (status.forward_status != 0) line.put("; fwd-status=").put(std::int64_t{status.forward_status});
    if (status.stored) line.put("; stored");
    if (status.collapsed) line.put("; collapsed");
  }
  if (status.has_ttl) line.put("; ttl=").put(std::clamp(status.ttl_s, -integer_max, integer_max));
  line.put_string("; key=", status.key.substr(0, status_key_max));
  if (!status.detail.empty()) line.put("; detail=").put(status.detail.substr(0, word_max));
  return line.view();
}

}  // namespace gatehouse::cache
