#include "gateway/cache/siphash.hpp"

#include <sys/random.h>

#include <bit>
#include <cstring>

#include "gatehouse/filters/result.hpp"

namespace gatehouse::cache {

Secret random_secret() {
  Secret secret;
  GH_ASSERT(::getrandom(&secret, sizeof secret, 0) == sizeof secret);  // up to 256 bytes come whole
  return secret;
}

SipHash::SipHash(const Secret& secret, bool wide) noexcept
    : v0_(secret.a ^ 0x736f6d6570736575u),
      v1_(secret.b ^ 0x646f72616e646f6du ^ (wide ? 0xeeu : 0u)),
      v2_(secret.a ^ 0x6c7967656e657261u),
      v3_(secret.b ^ 0x7465646279746573u) {}

template <int N>
void SipHash::rounds() noexcept {
  for (int i = 0; i < N; ++i) {
    v0_ += v1_, v1_ = std::rotl(v1_, 13) ^ v0_, v0_ = std::rotl(v0_, 32);
    v2_ += v3_, v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_, v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_, v1_ = std::rotl(v1_, 17) ^ v2_, v2_ = std::rotl(v2_, 32);
  }
}

void SipHash::compress(std::uint64_t word) noexcept {
  v3_ ^= word;
  rounds<2>();
  v0_ ^= word;
}

void SipHash::add(std::uint64_t number) noexcept {
  const unsigned shift = static_cast<unsigned>(size_ % 8) * 8;
  size_ += 8;
  if (shift == 0) return compress(number);
  compress(tail_ | (number << shift));
  tail_ = number >> (64 - shift);
}

void SipHash::add(std::string_view bytes) noexcept {
  static_assert(std::endian::native == std::endian::little, "words are read as they lie");
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    add(word);
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    tail_ |= std::uint64_t{static_cast<unsigned char>(c)} << (size_++ % 8 * 8);
    if (size_ % 8 == 0) {
      compress(tail_);
      tail_ = 0;
    }
  }
}

void SipHash::close(std::uint8_t mark) noexcept {
  compress(tail_ | (size_ << 56));  // the last word carries the size, as far as a byte goes
  v2_ ^= mark;
  rounds<4>();
}

std::uint64_t SipHash::finish_64() noexcept {
  close(0xff);
  return v0_ ^ v1_ ^ v2_ ^ v3_;
}

Hash128 SipHash::finish_128() noexcept {
  close(0xee);
  Hash128 hash;
  hash.a = v0_ ^ v1_ ^ v2_ ^ v3_;
  v1_ ^= 0xdd;
  rounds<4>();
  hash.b = v0_ ^ v1_ ^ v2_ ^ v3_;
  return hash;
}

std::uint64_t sip_hash_64(const Secret& secret, std::string_view bytes) noexcept {
  SipHash hash(secret, false);
  hash.add(bytes);
  return hash.finish_64();
}

}  // namespace gatehouse::cache
