// What a client's Accept-Encoding comes to where stored responses are told apart by it: one of a few texts, so that clients
// who can take the same share a response (aws-cloudfront: "Compressed objects"). Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/http/field.hpp"

namespace gatehouse::cdn {

/// Content codings that a stored response may be in.
enum class Coding : std::uint8_t { identity, gzip, br, zstd };
inline constexpr unsigned codings = static_cast<unsigned>(Coding::zstd) + 1;
/// The name in Content-Encoding (RFC 9110 8.4.1, RFC 8878).
std::string_view coding_name(Coding coding) noexcept;

/// A set of codings.
class Codings {
 public:
  constexpr void insert(Coding coding) noexcept { bits_ |= bit(coding); }
  constexpr bool has(Coding coding) const noexcept { return (bits_ & bit(coding)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr Codings both(Codings other) const noexcept { return Codings(bits_ & other.bits_); }
  constexpr bool operator==(const Codings&) const = default;
  constexpr Codings() = default;

 private:
  constexpr explicit Codings(unsigned bits) noexcept : bits_(static_cast<std::uint8_t>(bits)) {}
  static constexpr std::uint8_t bit(Coding coding) noexcept { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(coding)); }
  std::uint8_t bits_{0};
};

/// The codings that all Accept-Encoding lines of a request name with a weight above 0; `*` names none, as nothing is gained
/// by guessing. Identity is not among them: it is always there (RFC 9110 12.5.3).
Codings accepted_codings(const http::FieldList& request) noexcept;

/// The text that stands for a set in the key and towards the origin: the names in the order br, gzip, zstd with commas
/// between; empty for none. Static.
std::string_view accept_encoding_text(Codings codings) noexcept;

/// The coding to compress to: zstd before br before gzip among those of the set; identity for none.
Coding best_coding(Codings codings) noexcept;

}  // namespace gatehouse::cdn
