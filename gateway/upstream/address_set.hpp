// AddressSet: the addresses a name stands for at the moment. Written by the control thread when DNS changes its mind,
// read by workers for each new connection. A sequence lock over atomic words: readers never wait for a lock and nothing
// has to be reclaimed; a read that meets a write is made again. Any thread reads, one writes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/net/address.hpp"

namespace gatehouse::upstream {

class AddressSet {
 public:
  /// More addresses of one name are left out.
  static constexpr std::size_t addresses_max = 32;

  /// Replaces the addresses; only IP addresses count.
  void set(std::span<const net::Address> addresses) noexcept;

  /// The `turn`-th address, counted around the set; no address while the set is empty.
  net::Address at(std::uint32_t turn) const noexcept;
  std::size_t size() const noexcept { return count_.load(std::memory_order_relaxed); }
  bool empty() const noexcept { return size() == 0; }
  /// A copy of all, for status and comparison.
  std::vector<net::Address> all() const;

 private:
  struct Entry {
    std::atomic<std::uint64_t> high{0};
    std::atomic<std::uint64_t> low{0};
    std::atomic<std::uint16_t> port{0};
  };
  net::Address read(std::size_t index) const noexcept;

  std::atomic<std::uint32_t> sequence_{0};  // odd while a write is under way
  std::atomic<std::uint32_t> count_{0};
  std::array<Entry, addresses_max> entries_;
};

}  // namespace gatehouse::upstream
