// StatusCounters: responses counted by status. The codes that are seen in practice have a number of their own, every
// other one is counted with its class ("2xx"), so that the table stays a few cache lines and an origin cannot create
// series at will. One writer, any readers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "gateway/observe/counter.hpp"

namespace gatehouse::observe {

/// Statuses with a series of their own, ascending.
inline constexpr std::array<std::uint16_t, 46> known_statuses{
    101, 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411,
    412, 413, 414, 415, 416, 417, 421, 422, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507};
/// After them: the rest of the classes 1xx to 5xx, and what is no status at all (no response was begun).
inline constexpr unsigned status_slots = known_statuses.size() + 6;

namespace detail {
constexpr std::uint8_t class_slot(unsigned status) noexcept {
  const unsigned status_class = status / 100;
  return static_cast<std::uint8_t>(known_statuses.size() + (status_class >= 1 && status_class <= 5 ? status_class - 1 : 5));
}
constexpr std::array<std::uint8_t, 600> make_slots() noexcept {
  std::array<std::uint8_t, 600> slots{};
  for (unsigned status = 0; status < slots.size(); ++status) slots[status] = class_slot(status);
  for (unsigned i = 0; i < known_statuses.size(); ++i) slots[known_statuses[i]] = static_cast<std::uint8_t>(i);
  return slots;
}
inline constexpr std::array<std::uint8_t, 600> slot_of = make_slots();
}  // namespace detail

constexpr unsigned status_slot(unsigned status) noexcept {
  return status < detail::slot_of.size() ? detail::slot_of[status] : status_slots - 1;
}

/// The label of a slot: "404", "4xx", "none". Static text.
std::string_view status_label(unsigned slot) noexcept;
/// The class of a slot, 1 to 5; 0 for "none".
unsigned status_class(unsigned slot) noexcept;

class StatusCounters {
 public:
  void count(unsigned status) noexcept { slots_[status_slot(status)].add(); }
  std::uint64_t value(unsigned slot) const noexcept { return slots_[slot].value(); }

 private:
  std::array<Counter, status_slots> slots_;
};

/// The sum of several at one moment.
struct StatusSum {
  std::array<std::uint64_t, status_slots> slots{};

  void add(const StatusCounters& other) noexcept {
    for (unsigned i = 0; i < status_slots; ++i) slots[i] += other.value(i);
  }
  std::uint64_t total() const noexcept;
  /// All of one class, 1 to 5.
  std::uint64_t of_class(unsigned wanted) const noexcept;
};

}  // namespace gatehouse::observe
