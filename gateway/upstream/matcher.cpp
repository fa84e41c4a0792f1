#include "gateway/upstream/matcher.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::upstream {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::uint16_t> parse_status(std::string_view text) noexcept {
  std::uint16_t status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.size() == 3 && status >= 100 && status <= 599 ? std::optional(status) : std::nullopt;
}

}  // namespace

std::optional<Matcher> Matcher::parse(std::string_view text) {
  Matcher matcher;
  matcher.ranges_.clear();
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
    const std::size_t dash = item.find('-');
    const auto first = parse_status(trimmed(item.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parse_status(trimmed(item.substr(dash + 1)));
    if (!first || !last || *first > *last) return std::nullopt;
    matcher.ranges_.push_back({*first, *last});
  }
  return matcher;
}

bool Matcher::matches(unsigned status) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [status](const Range& range) { return status >= range.first && status <= range.last; });
}

}  // namespace gatehouse::upstream
