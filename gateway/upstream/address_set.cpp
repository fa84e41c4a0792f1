#include "gateway/upstream/address_set.hpp"

#include <bit>

namespace gatehouse::upstream {
namespace {

struct Halves {
  std::uint64_t high;
  std::uint64_t low;
};

}  // namespace

void AddressSet::set(std::span<const net::Address> addresses) noexcept {
  const std::uint32_t sequence = sequence_.load(std::memory_order_relaxed);
  // Odd first, then the words, then even: each word is stored with release order, so a reader that saw a new word also
  // sees the odd number when it looks again.
  sequence_.store(sequence + 1, std::memory_order_relaxed);
  std::uint32_t count = 0;
  for (const net::Address& address : addresses) {
    if (!address.is_ip() || count == addresses_max) continue;
    const auto halves = std::bit_cast<Halves>(address.ip().bytes);
    Entry& entry = entries_[count++];
    entry.high.store(halves.high, std::memory_order_release);
    entry.low.store(halves.low, std::memory_order_release);
    entry.port.store(address.port(), std::memory_order_release);
  }
  count_.store(count, std::memory_order_release);
  sequence_.store(sequence + 2, std::memory_order_release);
}

net::Address AddressSet::read(std::size_t index) const noexcept {
  const Entry& entry = entries_[index];
  const Halves halves{entry.high.load(std::memory_order_acquire), entry.low.load(std::memory_order_acquire)};
  return net::Address(filters::Address{std::bit_cast<std::array<std::uint8_t, 16>>(halves)},
                      entry.port.load(std::memory_order_acquire));
}

net::Address AddressSet::at(std::uint32_t turn) const noexcept {
  while (true) {
    const std::uint32_t before = sequence_.load(std::memory_order_acquire);
    const std::uint32_t count = count_.load(std::memory_order_acquire);
    const net::Address address = count == 0 ? net::Address() : read(turn % count);
    if ((before & 1) == 0 && sequence_.load(std::memory_order_relaxed) == before) return address;
  }
}

std::vector<net::Address> AddressSet::all() const {
  std::vector<net::Address> addresses;
  while (true) {
    const std::uint32_t before = sequence_.load(std::memory_order_acquire);
    const std::uint32_t count = count_.load(std::memory_order_acquire);
    addresses.clear();
    for (std::uint32_t i = 0; i < count; ++i) addresses.push_back(read(i));
    if ((before & 1) == 0 && sequence_.load(std::memory_order_relaxed) == before) return addresses;
  }
}

}  // namespace gatehouse::upstream
