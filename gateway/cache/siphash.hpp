// SipHash-2-4 with 64 and 128 bits of output (Aumasson and Bernstein, 2012): a keyed hash, so that nobody who does not
// know the secret can choose keys that collide in a table. Fed in pieces. Pure; one thread an instance.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::cache {

/// What makes our hashes differ from everybody else's: drawn at start, or read from the disk volume that is in use.
struct Secret {
  std::uint64_t a{0};
  std::uint64_t b{0};
  bool operator==(const Secret&) const = default;
};

/// A secret from the kernel's random source.
Secret random_secret();

struct Hash128 {
  std::uint64_t a{0};
  std::uint64_t b{0};
  bool operator==(const Hash128&) const = default;
};

class SipHash {
 public:
  /// `wide`: for finish_128(), which starts from another state than finish_64().
  SipHash(const Secret& secret, bool wide) noexcept;

  void add(std::string_view bytes) noexcept;
  /// A number as eight bytes, lowest first.
  void add(std::uint64_t number) noexcept;

  std::uint64_t finish_64() noexcept;
  Hash128 finish_128() noexcept;

 private:
  void compress(std::uint64_t word) noexcept;
  void close(std::uint8_t mark) noexcept;
  template <int N>
  void rounds() noexcept;

  std::uint64_t v0_, v1_, v2_, v3_;
  std::uint64_t tail_{0};  // bytes that do not fill a word yet, lowest first
  std::uint64_t size_{0};
};

std::uint64_t sip_hash_64(const Secret& secret, std::string_view bytes) noexcept;

}  // namespace gatehouse::cache
