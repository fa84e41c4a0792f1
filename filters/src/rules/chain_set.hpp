// ChainSet: a set of transformation chains by their number in a plan, as one wide word.
#pragma once

#include <cstdint>

namespace gatehouse::filters {

using ChainSet = unsigned __int128;
inline constexpr unsigned chains_max = 128;

constexpr ChainSet chain_bit(unsigned number) noexcept { return ChainSet{1} << number; }

/// The lowest member of a set that is not empty.
constexpr unsigned first_chain(ChainSet set) noexcept {
  const auto low = static_cast<std::uint64_t>(set);
  return low != 0 ? static_cast<unsigned>(__builtin_ctzll(low))
                  : 64u + static_cast<unsigned>(__builtin_ctzll(static_cast<std::uint64_t>(set >> 64)));
}

}  // namespace gatehouse::filters
