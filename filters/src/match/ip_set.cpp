#include "gatehouse/filters/ip_set.hpp"

#include <algorithm>

namespace gatehouse::filters {

IpSet::Wide IpSet::wide(const Address& address) noexcept {
  Wide number = 0;
  for (const std::uint8_t byte : address.bytes) number = number << 8 | byte;
  return number;
}

IpSet::IpSet(std::span<const Cidr> blocks) {
  for (const Cidr& block : blocks) {
    // A block that is wider than the mapped prefix, such as ::/0, speaks of IPv6 clients only.
    if (block.length >= 96 && block.base.is_v4()) {
      const std::uint32_t first = block.base.v4();
      const unsigned free_bits = 128u - block.length;
      const std::uint32_t rest = free_bits == 32 ? 0xffffffffu : (std::uint32_t{1} << free_bits) - 1;
      v4_.push_back({first, first | rest});
    } else {
      const Wide first = wide(block.base);
      const Wide rest = block.length == 0 ? ~Wide{0} : (Wide{1} << (128u - block.length)) - 1;
      v6_.push_back({first, first | rest});
    }
  }
  merge(v4_);
  merge(v6_);
}

template <class Number>
void IpSet::merge(std::vector<Range<Number>>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Range<Number>> merged;
  for (const Range<Number>& range : ranges) {
    // Ranges that touch become one: last + 1 cannot wrap, since a last of all ones swallows everything behind it.
    const bool joins = !merged.empty() && (range.first <= merged.back().last || range.first == merged.back().last + 1);
    if (joins) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  merged.shrink_to_fit();
  ranges = std::move(merged);
}

template <class Number>
bool IpSet::holds(const std::vector<Range<Number>>& ranges, Number number) noexcept {
  // The last range that starts at or before the number, by halving without branches.
  const Range<Number>* base = ranges.data();
  std::size_t size = ranges.size();
  if (size == 0) return false;
  while (size > 1) {
    const std::size_t half = size / 2;
    base += base[half].first <= number ? half : 0;
    size -= half;
  }
  return base->first <= number && number <= base->last;
}

bool IpSet::contains(const Address& address) const noexcept {
  return address.is_v4() ? holds(v4_, address.v4()) : holds(v6_, wide(address));
}

}  // namespace gatehouse::filters
