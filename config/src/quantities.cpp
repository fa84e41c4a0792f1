#include "quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "words.hpp"

namespace gatehouse::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 4> duration_units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

constexpr std::array<Unit, 9> size_units{{{"TiB", 1ULL << 40},
                                          {"TB", 1'000'000'000'000},
                                          {"GiB", 1ULL << 30},
                                          {"GB", 1'000'000'000},
                                          {"MiB", 1ULL << 20},
                                          {"MB", 1'000'000},
                                          {"KiB", 1ULL << 10},
                                          {"KB", 1000},
                                          {"B", 1}}};

template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units) noexcept {
  const auto unit_at = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  const auto count = parse_whole(text.substr(0, unit_at));
  if (!count) return std::nullopt;
  const std::string_view name = text.substr(unit_at);
  if (name.empty()) return *count == 0 ? count : std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (*count > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *count * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string show_with_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  if (value == 0) return "0";
  // Only units that divide it: 90s stays 90s. The shortest wins, so that 10GB is not shown as 9765625KiB.
  std::string best;
  for (const Unit& unit : units) {
    if (value % unit.factor != 0) continue;
    std::string shown = fmt::format("{}{}", value / unit.factor, unit.name);
    if (best.empty() || shown.size() < best.size()) best = std::move(shown);
  }
  return best;
}

}  // namespace

std::optional<std::uint64_t> parse_whole(std::string_view text) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;  // 010 would be 8 to some YAML readers
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (!parse_whole(text.substr(0, dot))) return std::nullopt;
  const std::string_view fraction = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
  if (fraction.empty() || !std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  const auto value = parse_with_unit(text, duration_units);
  if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept { return parse_with_unit(text, size_units); }

std::string show_duration(std::chrono::milliseconds duration) {
  return show_with_unit(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), duration_units);
}

std::string show_size(std::uint64_t bytes) { return show_with_unit(bytes, size_units); }

}  // namespace gatehouse::config
