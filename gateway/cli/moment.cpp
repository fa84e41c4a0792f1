#include "gateway/cli/moment.hpp"

#include <charconv>
#include <chrono>

namespace gatehouse::cli {
namespace {

/// Takes a number of exactly `digits` digits off the text, and what has to stand behind it.
std::optional<unsigned> take(std::string_view& text, std::size_t digits, std::string_view behind) {
  unsigned value = 0;
  const char* const end = text.data() + std::min(digits, text.size());
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.size() < digits || error != std::errc() || at != end) return {};
  text.remove_prefix(digits);
  if (!text.starts_with(behind)) return {};
  text.remove_prefix(behind.size());
  return value;
}

/// `Z`, `+hh:mm` or `-hh:mm`, in seconds.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return {};
  text.remove_prefix(1);
  const auto hours = take(text, 2, ":");
  const auto minutes = hours ? take(text, 2, "") : std::nullopt;
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return {};
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

/// RFC 3339 5.6, without fractions of a second.
std::optional<std::int64_t> parse_date(std::string_view text) {
  using namespace std::chrono;
  const auto year = take(text, 4, "-");
  const auto month = year ? take(text, 2, "-") : std::nullopt;
  const auto day = month ? take(text, 2, text.find(' ') == 2 ? " " : "T") : std::nullopt;
  const auto hour = day ? take(text, 2, ":") : std::nullopt;
  const auto minute = hour ? take(text, 2, ":") : std::nullopt;
  const auto second = minute ? take(text, 2, "") : std::nullopt;
  const auto offset = second ? parse_offset(text) : std::nullopt;
  if (!offset || *hour > 23 || *minute > 59 || *second > 60) return {};
  const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return {};
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now_s) {
  std::int64_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(at - text.data()));
  constexpr std::int64_t number_max = 1'000'000'000'000;
  if (error == std::errc() && number >= 0 && number < number_max) {
    if (unit.empty()) return number;
    if (unit == "s") return now_s + number;
    if (unit == "m") return now_s + number * 60;
    if (unit == "h") return now_s + number * 3600;
    if (unit == "d") return now_s + number * 86'400;
  }
  return parse_date(text);
}

}  // namespace gatehouse::cli
