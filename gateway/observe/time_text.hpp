// Points in time as text, UTC, the way logs write them (RFC 3339). Pure.
#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::observe {

/// Two digits of a number below 100.
inline char* put_two(char* out, unsigned n) noexcept {
  out[0] = static_cast<char>('0' + n / 10);
  out[1] = static_cast<char>('0' + n % 10);
  return out + 2;
}

/// Writes "2024-05-01T12:34:56", 19 bytes, and returns the place after them.
inline char* put_date_time(char* out, std::uint64_t seconds_since_1970) noexcept {
  using namespace std::chrono;
  const sys_seconds at{seconds(static_cast<std::int64_t>(seconds_since_1970))};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const auto of_day = static_cast<unsigned>((at - day).count());
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  out = put_two(put_two(out, year / 100 % 100), year % 100);
  *out++ = '-';
  out = put_two(out, static_cast<unsigned>(date.month()));
  *out++ = '-';
  out = put_two(out, static_cast<unsigned>(date.day()));
  *out++ = 'T';
  out = put_two(out, of_day / 3600);
  *out++ = ':';
  out = put_two(out, of_day / 60 % 60);
  *out++ = ':';
  return put_two(out, of_day % 60);
}

}  // namespace gatehouse::observe
