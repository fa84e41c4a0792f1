// IpSet: a set of CIDR blocks that answers "is this address in one of them?". Built once, then immutable and shared by
// all threads. Blocks are merged into sorted disjoint ranges, one array a family, so a look-up is a binary search that
// touches one cache line for small sets and allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gatehouse/filters/address.hpp"

namespace gatehouse::filters {

class IpSet {
 public:
  IpSet() = default;
  explicit IpSet(std::span<const Cidr> blocks);

  bool contains(const Address& address) const noexcept;
  bool empty() const noexcept { return v4_.empty() && v6_.empty(); }
  /// How many disjoint ranges the blocks came down to.
  std::size_t ranges() const noexcept { return v4_.size() + v6_.size(); }

 private:
  template <class Number>
  struct Range {
    Number first;
    Number last;  // inclusive, so that the highest address needs no special case
  };
  using Wide = unsigned __int128;

  template <class Number>
  static void merge(std::vector<Range<Number>>& ranges);
  template <class Number>
  static bool holds(const std::vector<Range<Number>>& ranges, Number number) noexcept;
  static Wide wide(const Address& address) noexcept;

  std::vector<Range<std::uint32_t>> v4_;
  std::vector<Range<Wide>> v6_;
};

}  // namespace gatehouse::filters
