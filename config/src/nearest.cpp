#include "nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "gatehouse/filters/letters.hpp"
#include "quote.hpp"

namespace gatehouse::config {
namespace {

constexpr std::size_t word_max = 80;    // longer words are no typing mistakes, and the distance is quadratic
constexpr std::size_t listed_max = 24;  // words in one hint

/// Three rows of the usual matrix: the row above, the one above that (for swaps), and the one being filled.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (filters::lower(a[i - 1]) == filters::lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && filters::lower(a[i - 1]) == filters::lower(b[j - 2]) && filters::lower(a[i - 2]) == filters::lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.empty() || word.size() > word_max) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > word_max) continue;
    const std::size_t found = distance(word, candidate);
    if (found < best_distance) best = candidate, best_distance = found;
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known, std::string_view label) {
  if (const auto near = nearest(word, known)) return fmt::format("did you mean {}?", quote(*near));
  if (known.empty()) return {};
  const std::vector<std::string_view> shown(
      known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min(known.size(), listed_max)));
  return fmt::format("{}: {}{}", label, fmt::join(shown, ", "), shown.size() < known.size() ? ", ..." : "");
}

}  // namespace gatehouse::config
