#include "gateway/http/date.hpp"

#include <array>
#include <cstring>

#include "gateway/http/token.hpp"

namespace gatehouse::http {
namespace {

constexpr std::int64_t day_seconds = 86400;
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
constexpr std::array<std::string_view, 7> long_day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                         "Thursday", "Friday", "Saturday"};

struct Civil {
  std::int64_t year{0};
  int month{0};  // 1-12
  int day{0};    // 1-31
};

// Days and dates of the Gregorian calendar. Years are counted from March, so that the leap day is the last of its year
// and the months before it have a fixed pattern of 153 days in five months; 400 years have 146097 days. Day 0 is
// 1970-01-01, which is 719468 days after 0000-03-01.

std::int64_t days_of(Civil date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

Civil civil_of(std::int64_t days) noexcept {
  days += 719468;
  const std::int64_t era = days / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  Civil date;
  date.day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  date.month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

void put_digits(char* out, int count, std::int64_t value) noexcept {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

/// Takes fixed pieces off the front of a text; after the first that does not fit, nothing fits any more.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  bool good() const noexcept { return good_; }
  bool at_end() const noexcept { return good_ && rest_.empty(); }
  Reader& text(std::string_view expected) noexcept {
    good_ = good_ && starts_with_ignoring_case(rest_, expected);
    if (good_) rest_.remove_prefix(expected.size());
    return *this;
  }
  int number(std::size_t digits) noexcept {
    good_ = good_ && rest_.size() >= digits && all_chars(rest_.substr(0, digits), char_digit);
    int value = 0;
    for (std::size_t i = 0; good_ && i < digits; ++i) value = value * 10 + (rest_[i] - '0');
    if (good_) rest_.remove_prefix(digits);
    return value;
  }
  /// asctime's day of month: two digits, or a space and one.
  int padded_day() noexcept { return good_ && rest_.starts_with(' ') ? text(" ").number(1) : number(2); }
  /// Index in a string of three-letter names.
  int name(std::string_view names) noexcept {
    for (std::size_t i = 0; good_ && i < names.size(); i += 3) {
      if (!starts_with_ignoring_case(rest_, names.substr(i, 3))) continue;
      rest_.remove_prefix(3);
      return static_cast<int>(i / 3);
    }
    good_ = false;
    return 0;
  }
  bool long_day_name() noexcept {
    for (const std::string_view day : long_day_names) {
      if (good_ && starts_with_ignoring_case(rest_, day)) return text(day).good();
    }
    return good_ = false;
  }
  /// hh:mm:ss in seconds. A leap second (60) is allowed and counts as the next minute.
  std::int64_t time() noexcept {
    const int hours = number(2);
    const int minutes = text(":").number(2);
    const int seconds = text(":").number(2);
    good_ = good_ && hours < 24 && minutes < 60 && seconds <= 60;
    return hours * 3600 + minutes * 60 + seconds;
  }

 private:
  std::string_view rest_;
  bool good_{true};
};

bool valid(Civil date) noexcept {
  constexpr std::array<int, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.day < 1 || date.day > days[static_cast<std::size_t>(date.month - 1)]) return false;
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  return date.month != 2 || date.day < 29 || leap;
}

std::optional<std::int64_t> seconds_of(const Reader& reader, Civil date, std::int64_t time) noexcept {
  if (!reader.at_end() || !valid(date)) return std::nullopt;
  return days_of(date) * day_seconds + time;
}

/// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<std::int64_t> parse_imf_fixdate(std::string_view text) noexcept {
  Reader reader(text);
  reader.name(day_names);
  Civil date;
  date.day = reader.text(", ").number(2);
  date.month = reader.text(" ").name(month_names) + 1;
  date.year = reader.text(" ").number(4);
  const std::int64_t time = reader.text(" ").time();
  return seconds_of(reader.text(" GMT"), date, time);
}

/// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<std::int64_t> parse_rfc_850(std::string_view text, std::int64_t now) noexcept {
  Reader reader(text);
  reader.long_day_name();
  Civil date;
  date.day = reader.text(", ").number(2);
  date.month = reader.text("-").name(month_names) + 1;
  const int year = reader.text("-").number(2);
  const std::int64_t time = reader.text(" ").time();
  const std::int64_t this_year = civil_of(now / day_seconds).year;
  date.year = this_year - this_year % 100 + year;
  // RFC 9110 5.6.7: what would be more than 50 years ahead is in the past.
  if (date.year > this_year + 50) date.year -= 100;
  else if (date.year + 50 <= this_year) date.year += 100;
  return seconds_of(reader.text(" GMT"), date, time);
}

/// Sun Nov  6 08:49:37 1994
std::optional<std::int64_t> parse_asctime(std::string_view text) noexcept {
  Reader reader(text);
  reader.name(day_names);
  Civil date;
  date.month = reader.text(" ").name(month_names) + 1;
  date.day = reader.text(" ").padded_day();
  const std::int64_t time = reader.text(" ").time();
  date.year = reader.text(" ").number(4);
  return seconds_of(reader, date, time);
}

}  // namespace

void write_date(std::int64_t seconds, std::span<char, date_size> out) noexcept {
  const std::int64_t days = seconds / day_seconds;
  const std::int64_t time = seconds % day_seconds;
  const Civil date = civil_of(days);
  char* const at = out.data();
  std::memcpy(at, "Sun, 00 Jan 0000 00:00:00 GMT", date_size);
  std::memcpy(at, day_names.data() + (days + 4) % 7 * 3, 3);  // 1970-01-01 was a Thursday
  put_digits(at + 5, 2, date.day);
  std::memcpy(at + 8, month_names.data() + (date.month - 1) * 3, 3);
  put_digits(at + 12, 4, date.year);
  put_digits(at + 17, 2, time / 3600);
  put_digits(at + 20, 2, time / 60 % 60);
  put_digits(at + 23, 2, time % 60);
}

std::string_view date_now(std::uint64_t wall_ns) noexcept {
  thread_local std::array<char, date_size> text;
  thread_local std::int64_t second = -1;
  const auto now = static_cast<std::int64_t>(wall_ns / 1'000'000'000);
  if (now != second) write_date(second = now, text);
  return {text.data(), text.size()};
}

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept {
  // The fourth character tells the formats apart: "Sun,", "Sunday", "Sun ".
  if (text.size() < 24) return std::nullopt;
  if (text[3] == ',') return parse_imf_fixdate(text);
  if (text[3] == ' ') return parse_asctime(text);
  return parse_rfc_850(text, now);
}

}  // namespace gatehouse::http
