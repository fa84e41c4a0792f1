// CRC-32C (Castagnoli polynomial, RFC 3720 12.1), by the processor's instruction where it has one. Finds damage, not
// forgery. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>

namespace gatehouse::cache {

/// The checksum of what `before` is the checksum of, followed by `bytes`. 0 is the checksum of nothing.
std::uint32_t crc32c(std::span<const char> bytes, std::uint32_t before = 0) noexcept;

/// The same without the instruction.
std::uint32_t crc32c_by_table(std::span<const char> bytes, std::uint32_t before = 0) noexcept;

}  // namespace gatehouse::cache
