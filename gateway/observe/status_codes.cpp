#include "gateway/observe/status_codes.hpp"

namespace gatehouse::observe {
namespace {

struct Label {
  char text[4];
};

constexpr std::array<Label, status_slots> make_labels() noexcept {
  std::array<Label, status_slots> labels{};
  for (unsigned i = 0; i < known_statuses.size(); ++i) {
    const unsigned status = known_statuses[i];
    labels[i] = Label{{static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                       static_cast<char>('0' + status % 10), 0}};
  }
  for (unsigned status_class = 1; status_class <= 5; ++status_class) {
    labels[known_statuses.size() + status_class - 1] = Label{{static_cast<char>('0' + status_class), 'x', 'x', 0}};
  }
  return labels;
}

constexpr std::array<Label, status_slots> labels = make_labels();

}  // namespace

std::string_view status_label(unsigned slot) noexcept {
  return slot + 1 < status_slots ? std::string_view(labels[slot].text, 3) : std::string_view("none");
}

unsigned status_class(unsigned slot) noexcept {
  return slot + 1 < status_slots ? static_cast<unsigned>(labels[slot].text[0] - '0') : 0;
}

std::uint64_t StatusSum::total() const noexcept {
  std::uint64_t all = 0;
  for (const std::uint64_t n : slots) all += n;
  return all;
}

std::uint64_t StatusSum::of_class(unsigned wanted) const noexcept {
  std::uint64_t all = 0;
  for (unsigned i = 0; i < status_slots; ++i) all += status_class(i) == wanted ? slots[i] : 0;
  return all;
}

}  // namespace gatehouse::observe
